import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import "./button.css";

type Look = "primary" | "plain" | "quiet" | "danger";

interface Props extends ButtonHTMLAttributes {
  readonly look?: Look;
  readonly small?: boolean;
  /** True while the action is in progress: the button shows it and ignores clicks. */
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

export function Button({ look = "plain", small = false, busy = false, onClick, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      class={buttonClass(look, small)}
      // A disabled button would lose the focus.
      aria-disabled={busy || undefined}
      aria-busy={busy}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

/** A link that looks like a button. */
export function buttonClass(look: Look, small = false): string {
  return `button button-${look}${small ? " button-small" : ""}`;
}
