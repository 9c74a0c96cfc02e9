import type { ComponentChildren } from "preact";
import "./empty.css";

interface Props {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
  /** True if it takes the place of a whole page, whose heading the title then is. */
  readonly isPage?: boolean;
}

/** An empty state: a title and the reason. */
export function Empty({ title, children, action, isPage = false }: Props) {
  const Title = isPage ? "h1" : "p";
  return (
    <div class="empty">
      <Title class="empty-title">{title}</Title>
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
