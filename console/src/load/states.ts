import type { RunReport, RunState, Verdict } from "../../../src/load/report.ts";
import { formatCount, formatShare, NO_VALUE } from "../lib/format.ts";

export type Tone = "good" | "warn" | "bad" | "plain" | "busy";

/** The states of a run in words. */
const STATES: Readonly<Record<RunState, readonly [string, Tone]>> = {
  ready: ["Ready", "plain"],
  spawning: ["Starting users", "busy"],
  running: ["Running", "busy"],
  stopping: ["Stopping", "warn"],
  stopped: ["Stopped", "plain"],
};

/** The ends of a run in words. */
export const OUTCOMES: Readonly<Record<Verdict["outcome"], readonly [string, Tone]>> = {
  passed: ["Passed", "good"],
  failed_requests: ["Failed", "bad"],
  threshold_crossed: ["Threshold crossed", "bad"],
  generator_overloaded: ["Invalid: generator overloaded", "warn"],
};

/** Of an outcome as the server says it; "–" for none and for one that is not known here. */
export function toOutcomeText(outcome: string): readonly [string, Tone] {
  const known = Object.entries(OUTCOMES).find(([name]) => name === outcome);
  return known?.[1] ?? [NO_VALUE, "plain"];
}

export function toStateText(report: RunReport): readonly [string, Tone] {
  return report.verdict === null ? STATES[report.state] : OUTCOMES[report.verdict.outcome];
}

/** Whether a run goes on. */
export function isGoing(state: RunState): boolean {
  return state === "spawning" || state === "running" || state === "stopping";
}

export function toFailureShare({
  requests,
  failures,
}: {
  readonly requests: number;
  readonly failures: number;
}): number {
  return requests === 0 ? 0 : failures / requests;
}

/** Why the run ended as it did, in a sentence. */
export function explainVerdict(report: RunReport): string {
  const { total, thresholds, exceptions, generator, verdict } = report;
  const thrown = exceptions.length > 0 ? " The script threw; see Exceptions." : "";
  const failed = `${formatCount(total.failures)} of ${formatCount(total.requests)} requests failed (${formatShare(toFailureShare(total))}).`;
  switch (verdict?.outcome) {
    case "passed":
      return `${total.failures > 0 ? failed : `None of ${formatCount(total.requests)} requests failed.`}${thresholds.length > 0 ? " Every threshold was kept." : ""}`;
    case "failed_requests":
      return total.failures > 0 ? failed + thrown : thrown.trim();
    case "threshold_crossed":
      return `${thresholds.filter(({ passed }) => !passed).length} of ${thresholds.length} thresholds did not hold.`;
    case "generator_overloaded":
      return `The figures are not to be trusted. ${generator.overloaded ?? ""}`.trim();
    default:
      return "";
  }
}
