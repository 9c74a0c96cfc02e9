import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { findObstacle } from "./access.ts";
import type { PageProps } from "./page-props.ts";
import { PAGES, type Page } from "./pages.ts";
import { hasKey } from "./session.ts";
import type { Connection, ServerState } from "./server-state.ts";
import type * as Forms from "./sign-in.tsx";
import { useReply } from "./use-reply.ts";

interface Props extends Omit<PageProps, "server"> {
  readonly id: string;
  readonly page: Page | undefined;
  readonly connection: Connection;
  readonly server: ServerState | undefined;
  readonly onSignIn: (key: string) => void;
  readonly onRetry: () => void;
}

/** Shows the page, or the reason why it cannot be used now. */
export function Gate({ id, page, connection, server, onSignIn, onRetry, ...props }: Props) {
  /** Pages that were shown stay, for example while a monitor that was restarted reads its history. */
  const shown = useRef(new Set<string>());
  if (connection.phase === "rejected") {
    if (connection.isKey) {
      const message = hasKey() ? connection.message : undefined;
      return <KeyForms>{({ SignIn }) => <SignIn {...{ message, onSignIn }} />}</KeyForms>;
    }
    return (
      <Empty
        isPage
        title="The server rejected the request"
        action={<Button onClick={onRetry}>Try again</Button>}
      >
        {connection.message}
      </Empty>
    );
  }
  if (page === undefined) {
    return (
      <Empty isPage title="There is no such page" action={<a href="#/">{PAGES[0]!.title}</a>}>
        The console has no page {id}.
      </Empty>
    );
  }
  if (server === undefined) {
    if (connection.phase === "connecting") return <Loading what="Connecting to the server…" />;
    return (
      <Empty isPage title="The server is unreachable">
        It does not respond. The console tries again each second. Check that the server is running.
      </Empty>
    );
  }
  const obstacle = findObstacle(page, server);
  switch (obstacle?.kind) {
    case "sign-in":
      return (
        <KeyForms>{({ SignIn }) => <SignIn message={undefined} onSignIn={onSignIn} />}</KeyForms>
      );
    case "role":
      return (
        <KeyForms>
          {({ MissingRole }) => (
            <MissingRole page={page} needed={obstacle.needed} server={server} onSignIn={onSignIn} />
          )}
        </KeyForms>
      );
    case "no monitor":
      return <NoMonitor page={page} />;
    case "monitor starts":
      if (!shown.current.has(page.id))
        return <Loading what="The built-in monitor is reading its history…" />;
  }
  shown.current.add(page.id);
  return <LoadedPage key={page.id} page={page} server={server} {...props} />;
}

/** A page once its code is loaded. */
function LoadedPage({ page, ...props }: PageProps & { readonly page: Page }) {
  const { data: loaded, problem } = useReply(async () => ({ Content: await page.load() }), [page]);
  if (loaded !== undefined) return <loaded.Content {...props} />;
  if (problem === undefined) return <Loading what={`Loading ${page.title}…`} />;
  return <LoadFailure problem={problem} />;
}

interface FormsProps {
  readonly children: (forms: typeof Forms) => ComponentChildren;
}

/** The forms for an API key once their code is loaded, which most servers never need. */
function KeyForms({ children }: FormsProps) {
  const { data: forms, problem } = useReply(() => import("./sign-in.tsx"), []);
  if (forms !== undefined) return <>{children(forms)}</>;
  return problem === undefined ? <Loading what="Loading…" /> : <LoadFailure problem={problem} />;
}

function LoadFailure({ problem }: { readonly problem: string }) {
  return (
    <Empty
      isPage
      title="The page cannot be loaded"
      action={<Button onClick={() => location.reload()}>Reload</Button>}
    >
      {problem}
    </Empty>
  );
}

function NoMonitor({ page }: { readonly page: Page }) {
  const others = PAGES.filter(({ needs }) => needs === "server");
  return (
    <Notice tone="info" isPage title="This server runs without the built-in monitor">
      {page.title} shows its history. Start the server with <code>--monitor</code> (
      <code>npm start</code> does), or leave <code>--no-monitor</code> out. Without it,{" "}
      {others.map(({ id, title }) => (
        <span key={id}>
          <a href={`#/${id}`}>{title}</a>,{" "}
        </span>
      ))}
      the <a href="../docs">API documentation</a> and <a href="../metrics">the metrics</a> work.
    </Notice>
  );
}
