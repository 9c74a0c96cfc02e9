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
}

/** A message with an optional action. */
export function Notice({ tone, title, children, action, live = false }: Props) {
  return (
    <div class={`notice is-${tone}`} {...(live && { role: tone === "bad" ? "alert" : "status" })}>
      <span class="notice-icon">
        {tone === "good" ? <CheckIcon /> : tone === "info" ? <InfoIcon /> : <WarningIcon />}
      </span>
      <div class="notice-text">
        {title !== undefined && <p class="notice-title">{title}</p>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {action !== undefined && <div class="notice-action">{action}</div>}
    </div>
  );
}
