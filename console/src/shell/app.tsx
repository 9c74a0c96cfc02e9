import { useEffect, useMemo, useState } from "preact/hooks";
import { SkipLink } from "../components/skip-link.tsx";
import { CourseDock } from "../learn/course-dock.tsx";
import { createClient } from "../prometheus/client.ts";
import { parseReply } from "../prometheus/parse-reply.ts";
import { Gate } from "./gate.tsx";
import { Header } from "./header.tsx";
import { usePlace } from "./location.ts";
import { OutageToast } from "./outage-toast.tsx";
import { PAGES } from "./pages.ts";
import { Overlays, useOverlay } from "./overlays.tsx";
import { createSessionApi, hasKey, storeKey } from "./session.ts";
import { useServer } from "./use-server.ts";

/** The console: a header above the page that the URL selects. */
export function App() {
  const place = usePlace();
  const [round, setRound] = useState(0);
  const api = useMemo(createSessionApi, [round]);
  const client = useMemo(() => createClient(api, parseReply), [api]);
  const connection = useServer(api);
  const overlay = useOverlay();
  const [id = PAGES[0]!.id] = place.path;
  const page = PAGES.find((each) => each.id === id);
  // Pages stay as they are while the server does not respond.
  const server =
    connection.phase === "connected" || connection.phase === "lost" ? connection.server : undefined;

  function signIn(key: string): void {
    storeKey(key);
    setRound((value) => value + 1);
  }

  // While the server's state is read. A failure is reported when the page is shown.
  useEffect(() => void page?.load().catch(() => {}), [page]);
  useEffect(() => {
    document.title = page === undefined ? "Tepal" : `${page.title} · Tepal`;
    scrollTo(0, 0);
  }, [page]);

  return (
    <>
      <SkipLink />
      <Header
        selected={page?.id ?? ""}
        connection={connection}
        server={server}
        onSearch={() => overlay.open("search")}
        onHelp={() => overlay.open("help")}
        onSignOut={hasKey() && connection.phase !== "rejected" ? () => signIn("") : undefined}
      />
      <main id="main" tabIndex={-1} class="page">
        <Gate
          key={round}
          id={id}
          page={page}
          connection={connection}
          server={server}
          onSignIn={signIn}
          onRetry={() => setRound((value) => value + 1)}
          {...{ place, client, api }}
        />
      </main>
      <OutageToast connection={connection} />
      <Overlays overlay={overlay} page={page} server={server} {...{ client, api }} />
      {server !== undefined && <CourseDock {...{ place, client, api, server }} />}
    </>
  );
}
