import { useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dropdown } from "../components/dropdown.tsx";
import { HelpIcon, LockIcon, Mark, MenuIcon, SearchIcon } from "../components/icons.tsx";
import { Kbd } from "../components/kbd.tsx";
import { ThemeSwitch } from "../components/theme-switch.tsx";
import { useFits } from "../lib/use-fits.ts";
import { findObstacle } from "./access.ts";
import { toFragment } from "./location.ts";
import { PAGES, type Page } from "./pages.ts";
import { ServerBadge } from "./server-badge.tsx";
import type { Connection, ServerState } from "./server-state.ts";

interface Props {
  /** Id of the current page. */
  readonly selected: string;
  readonly connection: Connection;
  readonly server: ServerState | undefined;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
  /** Forgets the key; undefined without one. */
  readonly onSignOut: (() => void) | undefined;
}

/** The bar on top of every page. The links of the pages are in a menu where they do not fit beside the rest. */
export function Header(props: Props) {
  const { selected, connection, server, onSearch, onHelp, onSignOut } = props;
  const bar = useRef<HTMLDivElement>(null);
  const locked = server === undefined ? [] : PAGES.filter((page) => isLocked(page, server));
  const content = [connection.phase, onSignOut !== undefined, ...locked.map(({ id }) => id)];
  const isNarrow = !useFits(bar, content.join(" "));
  const title = PAGES.find(({ id }) => id === selected)?.title ?? "Menu";
  return (
    <header class="top-bar">
      <div class="top-bar-inner" ref={bar}>
        <a class="brand" href="#/" aria-label="Tepal: start page">
          <Mark />
          {!isNarrow && <span>Tepal</span>}
        </a>
        {isNarrow ? (
          <Dropdown
            name={`Menu, page ${title}`}
            label={
              <>
                <MenuIcon />
                <span class="dropdown-text">{title}</span>
              </>
            }
          >
            {(close) => (
              <>
                <PageLinks {...props} look="option" onFollow={close} />
                <div class="menu-foot">
                  <Button look="quiet" small onClick={onHelp}>
                    <HelpIcon />
                    Keyboard
                  </Button>
                  <SignOut {...props} />
                  <ThemeSwitch />
                </div>
              </>
            )}
          </Dropdown>
        ) : (
          <PageLinks {...props} look="page-link" />
        )}
        <div class="top-bar-actions">
          <ServerBadge connection={connection} isShort={isNarrow} />
          <button
            type="button"
            class="button button-plain button-small search-button"
            aria-label="Search pages, panels, metrics"
            aria-keyshortcuts="/"
            onClick={onSearch}
          >
            <SearchIcon />
            {!isNarrow && <Kbd keys={["/"]} />}
          </button>
          {!isNarrow && (
            <>
              <Button
                look="quiet"
                small
                aria-label="Keyboard shortcuts"
                aria-keyshortcuts="?"
                title="Keyboard shortcuts (?)"
                onClick={onHelp}
              >
                <HelpIcon />
              </Button>
              <SignOut {...props} />
              <ThemeSwitch />
            </>
          )}
        </div>
      </div>
    </header>
  );
}

interface LinksProps extends Props {
  readonly look: "option" | "page-link";
  readonly onFollow?: () => void;
}

function PageLinks({ selected, server, look, onFollow }: LinksProps) {
  return (
    <nav class={look === "option" ? "page-menu" : "pages"} aria-label="Pages">
      {PAGES.map((page) => (
        <a
          key={page.id}
          class={look}
          href={toFragment([page.id])}
          {...(page.id === selected && { "aria-current": "page" as const, "data-first": "" })}
          {...(onFollow !== undefined && { onClick: onFollow })}
        >
          {page.title}
          {server !== undefined && isLocked(page, server) && (
            <>
              <LockIcon />
              <span class="visually-hidden"> (your key lacks the role)</span>
            </>
          )}
        </a>
      ))}
      <a class={look} href="../docs/">
        API
      </a>
    </nav>
  );
}

function isLocked(page: Page, server: ServerState): boolean {
  return findObstacle(page, server)?.kind === "role";
}

function SignOut({ onSignOut }: Pick<Props, "onSignOut">) {
  if (onSignOut === undefined) return null;
  return (
    <Button look="quiet" small onClick={onSignOut}>
      Sign out
    </Button>
  );
}
