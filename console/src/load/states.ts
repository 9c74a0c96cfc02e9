import type { RunReport, RunState, Verdict } from "../../../src/load/contract/report.ts";
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

/** Why the run ended as it did, in a few sentences. */
export function explainVerdict(report: RunReport): string {
  const { total, thresholds, exceptions, generator, verdict } = report;
  const requests = formatCount(total.requests);
  const failures =
    total.failures === 0
      ? `None of ${requests} requests failed.`
      : `${formatCount(total.failures)} of ${requests} requests failed (${formatShare(toFailureShare(total))}).`;
  const thrown = exceptions.length === 0 ? "" : "The script threw; see Exceptions.";
  const crossed = thresholds.filter(({ passed }) => !passed).length;
  const kept =
    thresholds.length === 0
      ? ""
      : crossed === 0
        ? "Every threshold was kept."
        : `${crossed} of ${thresholds.length} thresholds did not hold.`;
  const sentences: Readonly<Record<Verdict["outcome"], readonly string[]>> = {
    passed: [failures, kept],
    failed_requests: [failures, thrown, kept],
    threshold_crossed: [kept, failures, thrown],
    generator_overloaded: [
      "The figures are not to be trusted.",
      generator.overloaded ?? "",
      failures,
    ],
  };
  return verdict === null ? "" : sentences[verdict.outcome].filter(Boolean).join(" ");
}
