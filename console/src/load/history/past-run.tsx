import type { RunReport } from "../../../../src/load/contract/report.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Empty, Loading } from "../../components/empty.tsx";
import { HistoryIcon } from "../../components/icons.tsx";
import { formatDateTime } from "../../lib/format.ts";
import type { LiveState } from "../live-state.ts";
import { RunSummary } from "../run-bar.tsx";
import { RunTabs } from "../run-tabs.tsx";
import { isInProgress } from "../states.ts";
import { useSurroundings } from "../surroundings.ts";
import { useRequest } from "../use-request.ts";
import "./history.css";

interface Props {
  readonly id: string;
  readonly tab: string;
  readonly live: LiveState;
  readonly about: NonNullable<LiveState["about"]>;
}

/** A stored run, marked in all tabs so that it is not confused with the live one. */
export function PastRun({ id, tab, live, about }: Props) {
  const { toHash } = useSurroundings();
  const { data, problem, again } = useRequest<RunReport>(`api/load/runs/${encodeURIComponent(id)}`);
  const isRunning = live.report !== null && isInProgress(live.report.state);
  const back = (
    <a
      class={buttonClass("plain", true)}
      href={toHash(live.report?.id === "" ? "new" : "statistics")}
    >
      {isRunning ? "To the current run" : "To the last run"}
    </a>
  );
  if (data === null) {
    return problem === null ? (
      <Loading what="Loading the run…" />
    ) : (
      <Empty
        isPage
        title="This run is not available"
        action={
          <span class="button-row">
            <Button onClick={again}>Try again</Button>
            <a class={buttonClass("plain")} href={toHash("history")}>
              To the history
            </a>
          </span>
        }
      >
        {problem}
      </Empty>
    );
  }
  return (
    <div class="past-run">
      <div class="past-banner">
        <HistoryIcon />
        <p>
          <strong>Past run</strong> of {formatDateTime(data.started_at_ms)}
          {isRunning && <span class="past-now">Another run is in progress.</span>}
        </p>
        {back}
      </div>
      <RunSummary report={data} />
      <RunTabs
        report={data}
        about={about}
        logs={live.logs}
        tab={tab}
        source={id}
        toTabHash={(next) => toHash("runs", id, next)}
      />
    </div>
  );
}
