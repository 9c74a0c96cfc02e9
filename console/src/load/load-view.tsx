import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { CompareView } from "./history/compare-view.tsx";
import { PastRun } from "./history/past-run.tsx";
import type { LiveState } from "./live-state.ts";
import { NewRun } from "./plan-form/new-run.tsx";
import { ProfilesContext } from "./profile-text.ts";
import { RunBar } from "./run-bar.tsx";
import { RunTabs } from "./run-tabs.tsx";
import { toStateText } from "./states.ts";
import { useSurroundings } from "./surroundings.ts";
import "./load.css";

interface Props {
  readonly live: LiveState;
  /** The parts of the view's URL. */
  readonly route: readonly string[];
}

/** The view that the URL selects: a form, the current run, a past run, or two runs compared. */
export function LoadView(props: Props) {
  const { live, route } = props;
  useTitle(live, route);
  return (
    <ProfilesContext.Provider value={live.about?.profiles ?? []}>
      <View {...props} />
      <Announcer live={live} />
    </ProfilesContext.Provider>
  );
}

function View({ live, route }: Props) {
  const { toHash } = useSurroundings();
  const { about, report, problem } = live;
  if (about === null || report === null) {
    return problem === null ? (
      <Loading what="Connecting to the load tester…" />
    ) : (
      <Unavailable problem={problem} />
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
          The page shows the last state that it received. Reconnecting…
        </Notice>
      )}
      {report.id === "" ? <h1>Load test</h1> : <RunBar report={report} />}
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

/** Why there is nothing to show, and what to do. */
function Unavailable({
  problem: { message, failure },
}: {
  readonly problem: NonNullable<LiveState["problem"]>;
}) {
  if (failure === "absent") {
    return (
      <Empty isPage title="This server has no load page">
        <code>npm start</code> starts one beside the server. For <code>tepal serve</code>, run{" "}
        <code>tepal load SCRIPT --host URL</code>, and restart the server with{" "}
        <code>--load-page http://127.0.0.1:8089</code>.
      </Empty>
    );
  }
  if (failure === "key" || failure === "role") {
    return (
      <Empty isPage title="Load tests require an API key with the role load">
        {message} <code>tepal keys add --role load</code> creates a key.
      </Empty>
    );
  }
  return (
    <Empty
      isPage
      title="The load tester is unreachable"
      action={<Button onClick={() => location.reload()}>Try again</Button>}
    >
      {message}
    </Empty>
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

function useTitle({ report }: LiveState, [kind = "", id]: readonly string[]): void {
  const state = report === null || report.id === "" ? "" : `${toStateText(report)[0]} · `;
  const title = `${state}Load test · Tepal`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  // A different view starts at its top.
  useEffect(() => {
    if (["new", "runs", "compare"].includes(kind)) scrollTo(0, 0);
  }, [kind, id]);
}
