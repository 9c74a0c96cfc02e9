import type { ComponentChildren } from "preact";
import { useContext, useMemo, useState } from "preact/hooks";
import type {
  CurrentStatistics,
  EndpointStatistics,
  RunReport,
  SeriesPoint,
} from "../../../src/load/contract/report.ts";
import { Button } from "../components/button.tsx";
import { EditIcon, ResetIcon, StopIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { Stat } from "../components/stat.tsx";
import {
  formatClock,
  formatCount,
  formatMs,
  formatPlural,
  formatRate,
  formatShare,
} from "../lib/format.ts";
import { ApiError } from "../lib/api.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { ProfilesContext, useFormatProfile } from "./profile-text.ts";
import { isInProgress, toFailureShare, toStateText } from "./states.ts";
import { useSurroundings } from "./surroundings.ts";

/** Number of seconds in the sparklines. */
const HISTORY_POINTS = 60;

/** The current or the last run: main statistics and actions. */
export function RunBar({ report }: { readonly report: RunReport }) {
  const { api } = useSurroundings();
  const [busy, setBusy] = useState<"stop" | "reset" | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isEditing, setEditing] = useState(false);
  const going = isInProgress(report.state);
  const { kind } = report.plan.profile;
  const profile = useContext(ProfilesContext).find((one) => one.kind === kind);
  const canEdit = profile !== undefined && profile.changes.length > 0;

  async function act(what: "stop" | "reset") {
    setBusy(what);
    setProblem(null);
    try {
      await api.json(`api/load/${what}`, { method: "POST" });
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
    setBusy(null);
  }

  return (
    <>
      <RunSummary
        report={report}
        actions={
          going && (
            <>
              <Button
                onClick={() => setEditing(true)}
                disabled={report.state === "stopping" || !canEdit}
                title={canEdit ? undefined : "The load profile changes the load"}
              >
                <EditIcon /> Edit
              </Button>
              <Button
                onClick={() => void act("reset")}
                busy={busy === "reset"}
                title="Reset the statistics; users continue"
              >
                <ResetIcon /> Reset
              </Button>
              <Button
                look="danger"
                onClick={() => void act("stop")}
                busy={busy === "stop" || report.state === "stopping"}
              >
                <StopIcon /> {report.state === "stopping" ? "Stopping…" : "Stop"}
              </Button>
            </>
          )
        }
      />
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {isEditing && going && (
        <EditDialog profile={report.plan.profile} onClose={() => setEditing(false)} />
      )}
    </>
  );
}

interface SummaryProps {
  readonly report: RunReport;
  readonly actions?: ComponentChildren;
}

/** Returns at most `most` points, evenly spaced. */
function thinOut(series: readonly SeriesPoint[], most: number): readonly SeriesPoint[] {
  const step = Math.max(1, Math.ceil(series.length / most));
  return series.filter((_point, index) => index % step === 0);
}

/** The statistics of a part of a run. */
interface Window {
  readonly seconds: number;
  readonly requests: number;
  readonly failures: number;
  readonly requestsPerSecond: number;
  readonly p95Ms: number | null;
}

function toCurrentWindow({
  seconds,
  requests,
  failures,
  p95_ms: p95Ms,
}: CurrentStatistics): Window {
  const requestsPerSecond = seconds === 0 ? 0 : requests / seconds;
  return { seconds, requests, failures, requestsPerSecond, p95Ms };
}

function toWholeWindow(total: EndpointStatistics): Window {
  const { requests, failures, requests_per_second: requestsPerSecond } = total;
  const { p95_ms: p95Ms } = total.response_time ?? total.service_time;
  return { seconds: Number.NaN, requests, failures, requestsPerSecond, p95Ms };
}

function marksReset({ marks }: RunReport): boolean {
  return marks.some(({ kind }) => kind === "reset");
}

/** State, load profile and main statistics of a live or past run. */
export function RunSummary({ report, actions }: SummaryProps) {
  const { plan, total, series, current } = report;
  const [text, tone] = toStateText(report);
  const formatProfile = useFormatProfile();
  const going = isInProgress(report.state);
  const recent = useMemo(
    () => (going ? series.slice(-HISTORY_POINTS) : thinOut(series, 2 * HISTORY_POINTS)),
    [series, going],
  );
  const peak = useMemo(
    () => series.reduce((most, { users }) => Math.max(most, users), 0),
    [series],
  );
  const history = (of: (point: SeriesPoint) => number | null) =>
    recent.length > 1 ? { history: recent.map(of) } : {};
  // All statistics are of one window, which the line above them names.
  const window = going && current !== undefined ? toCurrentWindow(current) : toWholeWindow(total);
  return (
    <section class="run-bar" aria-label="Run" tabIndex={-1}>
      <h1 class="visually-hidden">Load test of {plan.host}</h1>
      <div class="run-head">
        <div class="run-what">
          <p class="run-state">
            <span class={`pill is-${tone}`}>{text}</span>
            {report.stage !== "" && going && <span class="run-stage">Stage {report.stage}</span>}
          </p>
          <p class="run-aim">
            <strong class="mono">{plan.host === "" ? "no host" : plan.host}</strong>
            <span>{formatProfile(plan.profile)}</span>
          </p>
        </div>
        {actions && <div class="run-actions">{actions}</div>}
      </div>
      <p class="run-window">
        <strong>
          {going ? `Last ${formatPlural(Math.round(window.seconds), "second")}` : "Whole run"}
        </strong>
        <span>
          {going && (marksReset(report) ? "Since the reset: " : "Since the start: ")}
          {formatPlural(total.requests, "request")}, {formatPlural(total.failures, "failure")}
        </span>
      </p>
      <dl class="stats run-stats">
        <Stat
          label={total.response_time === null ? "Users" : "Iterations in progress"}
          value={formatCount(going ? report.users : peak)}
          note={going ? undefined : "at the peak"}
          {...history((point) => point.users)}
        />
        <Stat
          label="Requests per second"
          value={formatRate(window.requestsPerSecond)}
          {...history((point) => point.requests_per_second)}
        />
        <Stat
          label="Failures"
          value={formatShare(toFailureShare(window))}
          tone={window.failures > 0 ? "bad" : "plain"}
          {...history((point) => point.failures_per_second)}
        />
        <Stat
          label={`p95 ${total.response_time === null ? "service" : "response"} time`}
          value={formatMs(window.p95Ms)}
          {...history((point) => point.p95_ms)}
        />
        <Stat
          label="Elapsed"
          value={formatClock(report.elapsed_seconds)}
          note={
            plan.run_time_seconds === null ? undefined : `of ${formatClock(plan.run_time_seconds)}`
          }
          {...(plan.run_time_seconds !== null &&
            going && { progress: report.elapsed_seconds / plan.run_time_seconds })}
        />
      </dl>
    </section>
  );
}
