import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { SkipLink } from "../components/skip-link.tsx";
import { readRoute, toHash, useRoute } from "../lib/route.ts";
import { CompareView } from "./history/compare-view.tsx";
import { PastRun } from "./history/past-run.tsx";
import { NewRun } from "./plan-form/new-run.tsx";
import { ProfilesContext } from "./profile-text.ts";
import { RunTabs } from "./run-tabs.tsx";
import { RunBar } from "./run-bar.tsx";
import { toStateText } from "./states.ts";
import { TopBar } from "./top-bar.tsx";
import type { LiveState } from "./live-state.ts";
import { useLive } from "./use-live.ts";

/** The page: the live run stays visible above the view that the URL selects. */
export function App() {
  const live = useLive();
  const route = useRoute();
  useTitle(live, route);
  return (
    <>
      <SkipLink />
      <TopBar live={live} route={route} />
      <main id="main" tabIndex={-1} class="page">
        <ProfilesContext.Provider value={live.about?.profiles ?? []}>
          <View live={live} route={route} />
        </ProfilesContext.Provider>
      </main>
      <Announcer live={live} />
    </>
  );
}

function View({ live, route }: { readonly live: LiveState; readonly route: readonly string[] }) {
  const { about, report, problem } = live;
  if (about === null || report === null) {
    return problem === null ? (
      <Loading what="Connecting to the load tester…" />
    ) : (
      <Empty
        title="The load tester is unreachable"
        action={<Button onClick={() => location.reload()}>Try again</Button>}
      >
        {problem}
      </Empty>
    );
  }
  const [place = report.id === "" ? "new" : "statistics", first, second] = route;
  if (place === "new") return <NewRun about={about} report={report} />;
  if (place === "runs" && first !== undefined) {
    return (
      <PastRun key={first} id={first} tab={second ?? "statistics"} live={live} about={about} />
    );
  }
  if (place === "compare" && first !== undefined && second !== undefined) {
    return <CompareView first={first} second={second} />;
  }
  return (
    <>
      {live.connection === "lost" && (
        <Notice tone="warn" title="Connection lost" live>
          What is shown is as it was then. It is tried again until it succeeds.
        </Notice>
      )}
      {report.id !== "" && <RunBar report={report} />}
      <RunTabs
        report={report}
        about={about}
        logs={live.logs}
        tab={place}
        source="current"
        toTabHash={(tab) => toHash(tab)}
      />
    </>
  );
}

/** Announces the start and end of a run to screen readers, and nothing else. */
function Announcer({ live: { report, connection } }: { readonly live: LiveState }) {
  const text =
    connection === "lost"
      ? "Connection lost"
      : report === null || report.id === ""
        ? ""
        : toStateText(report)[0];
  return (
    <p class="visually-hidden" role="status">
      {text}
    </p>
  );
}

function useTitle({ report }: LiveState, route: readonly string[]): void {
  const state = report === null || report.id === "" ? "" : `${toStateText(report)[0]} · `;
  const title = `${state}Load test · Tepal`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  // A different view starts at its top.
  const kind = route[0] ?? "";
  useEffect(() => {
    if (["new", "runs", "compare"].includes(readRoute()[0] ?? "")) scrollTo(0, 0);
  }, [kind, route[1]]);
}
