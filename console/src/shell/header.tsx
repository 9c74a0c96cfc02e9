import { Button } from "../components/button.tsx";
import { Mark } from "../components/icons.tsx";
import { ThemeSwitch } from "../components/theme-switch.tsx";
import { toFragment } from "./location.ts";
import { PAGES } from "./pages.ts";

interface Props {
  /** Id of the current page. */
  readonly selected: string;
  /** Forgets the key; undefined without one. */
  readonly onSignOut?: () => void;
}

/** The bar on top of every page. */
export function Header({ selected, onSignOut }: Props) {
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href="#/">
          <Mark />
          <span>Tepal</span>
        </a>
        <nav class="pages" aria-label="Pages">
          {PAGES.map(({ id, title }) => (
            <a
              key={id}
              class="page-link"
              href={toFragment([id])}
              {...(id === selected && { "aria-current": "page" })}
            >
              {title}
            </a>
          ))}
          <a class="page-link" href="../docs/">
            API
          </a>
        </nav>
        <div class="top-bar-actions">
          {onSignOut !== undefined && (
            <Button look="quiet" small onClick={onSignOut}>
              Sign out
            </Button>
          )}
          <ThemeSwitch />
        </div>
      </div>
    </header>
  );
}
