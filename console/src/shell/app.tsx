import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { SkipLink } from "../components/skip-link.tsx";
import { ApiError } from "../lib/api.ts";
import { createClient, type Client } from "../prometheus/client.ts";
import { Header } from "./header.tsx";
import { usePlace } from "./location.ts";
import type { PageProps } from "./page-props.ts";
import { PAGES, type Page } from "./pages.ts";
import { createSessionApi, hasKey, storeKey } from "./session.ts";
import { SignIn } from "./sign-in.tsx";
import { useReply } from "./use-reply.ts";

/** The access of this page to the server. */
type Access =
  | { readonly state: "checking" | "open" }
  /** `message` is the server's. */
  | { readonly state: "denied"; readonly message: string }
  | { readonly state: "failed"; readonly error: ApiError };

/** The console: a header above the page that the URL selects. */
export function App() {
  const place = usePlace();
  const [round, setRound] = useState(0);
  const api = useMemo(createSessionApi, [round]);
  const client = useMemo(() => createClient(api), [api]);
  const access = useAccess(client);
  const [id = PAGES[0]!.id] = place.path;
  const page = PAGES.find((each) => each.id === id);

  function signIn(key: string): void {
    storeKey(key);
    setRound((value) => value + 1);
  }

  useEffect(() => {
    document.title = page === undefined ? "Tepal" : `${page.title} · Tepal`;
    scrollTo(0, 0);
  }, [page]);

  return (
    <>
      <SkipLink />
      <Header
        selected={page?.id ?? ""}
        {...(hasKey() && access.state === "open" && { onSignOut: () => signIn("") })}
      />
      <main id="main" tabIndex={-1} class="page">
        {page === undefined ? (
          <Empty title="There is no such page" action={<a href="#/">{PAGES[0]!.title}</a>}>
            The console has no page {id}.
          </Empty>
        ) : page.needs === "server" || access.state === "open" ? (
          <LoadedPage key={`${page.id} ${round}`} page={page} {...{ place, client, api }} />
        ) : (
          <>
            {access.state === "checking" && <Loading what="Connecting to the server…" />}
            {access.state === "denied" && (
              <SignIn message={hasKey() ? access.message : undefined} onSignIn={signIn} />
            )}
            {access.state === "failed" && (
              <Failed error={access.error} onRetry={() => setRound((value) => value + 1)} />
            )}
          </>
        )}
      </main>
    </>
  );
}

/** A page once its code is loaded. */
function LoadedPage({ page, ...props }: PageProps & { readonly page: Page }) {
  const { data: loaded, problem } = useReply(async () => ({ Content: await page.load() }), [page]);
  if (loaded !== undefined) return <loaded.Content {...props} />;
  if (problem === undefined) return <Loading what={`Loading ${page.title}…`} />;
  return (
    <Empty
      title="The page cannot be loaded"
      action={<Button onClick={() => location.reload()}>Reload</Button>}
    >
      {problem}
    </Empty>
  );
}

function Failed({ error, onRetry }: { readonly error: ApiError; readonly onRetry: () => void }) {
  if (error.failure === "absent") {
    return (
      <Notice tone="info" title="This server runs without the built-in monitor">
        Dashboards and Explore show its history. Start the server with <code>--monitor</code> (
        <code>npm start</code> does), or leave <code>--no-monitor</code> out. The{" "}
        <a href="../docs">API documentation</a> and <a href="../metrics">the metrics</a> work
        without it.
      </Notice>
    );
  }
  return (
    <Empty
      title={
        error.failure === "unreachable"
          ? "The server is unreachable"
          : "The server replied with an error"
      }
      action={<Button onClick={onRetry}>Try again</Button>}
    >
      {error.message}
    </Empty>
  );
}

/** Sends the smallest query, to find out whether there is a monitor, and whether it needs another key. */
function useAccess(client: Client): Access {
  const [access, setAccess] = useState<Access>({ state: "checking" });
  useEffect(() => {
    const controller = new AbortController();
    setAccess({ state: "checking" });
    client.query("vector(1)", Date.now() / 1_000, controller.signal).then(
      () => setAccess({ state: "open" }),
      (error: unknown) => {
        if (!(error instanceof ApiError)) return;
        const isDenied = error.failure === "key" || error.failure === "role";
        setAccess(
          isDenied ? { state: "denied", message: error.message } : { state: "failed", error },
        );
      },
    );
    return () => controller.abort();
  }, [client]);
  return access;
}
