import type { ComponentChildren } from "preact";
import { CheckIcon, InfoIcon, WarningIcon } from "./icons.tsx";
import "./notice.css";

interface Props {
  readonly tone: "good" | "info" | "warn" | "bad";
  readonly title?: string | undefined;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
  /** True if screen readers announce it when it appears. */
  readonly live?: boolean;
  /** True if it takes the place of a whole page, whose heading the title then is. */
  readonly isPage?: boolean;
}

/** A message with an optional action. */
export function Notice({ tone, title, children, action, live = false, isPage = false }: Props) {
  const Title = isPage ? "h1" : "p";
  return (
    <div class={`notice is-${tone}`} {...(live && { role: tone === "bad" ? "alert" : "status" })}>
      <span class="notice-icon">
        {tone === "good" ? <CheckIcon /> : tone === "info" ? <InfoIcon /> : <WarningIcon />}
      </span>
      <div class="notice-text">
        {title !== undefined && <Title class="notice-title">{title}</Title>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {action !== undefined && <div class="notice-action">{action}</div>}
    </div>
  );
}
