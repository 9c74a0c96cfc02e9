import type { ComponentChildren } from "preact";
import "./empty.css";

interface Props {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}

/** An empty state: a title and the reason. */
export function Empty({ title, children, action }: Props) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p class="empty-text">{children}</p>}
      {action}
    </div>
  );
}

/** A placeholder for content that is loading. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="empty" role="status">
      <span class="spinner" aria-hidden="true" />
      <p class="empty-text">{what}</p>
    </div>
  );
}
