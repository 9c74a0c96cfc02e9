import type { RunReport, RunState, Verdict } from "../../../src/load/contract/report.ts";
import { formatCount, formatShare, NO_VALUE } from "../lib/format.ts";

export type Tone = "good" | "warn" | "bad" | "plain" | "busy";

/** Labels of the states of a run. */
const STATES: Readonly<Record<RunState, readonly [string, Tone]>> = {
  ready: ["Ready", "plain"],
  spawning: ["Starting users", "busy"],
  running: ["Running", "busy"],
  stopping: ["Stopping", "warn"],
  stopped: ["Stopped", "plain"],
};

/** Labels of the outcomes of a run. */
export const OUTCOMES: Readonly<Record<Verdict["outcome"], readonly [string, Tone]>> = {
  passed: ["Passed", "good"],
  failed_requests: ["Failed", "bad"],
  threshold_crossed: ["Threshold crossed", "bad"],
  generator_overloaded: ["Invalid: generator overloaded", "warn"],
  machine_busy: ["Invalid: machine busy", "warn"],
  incomplete: ["Invalid: incomplete", "warn"],
};

/** Returns the label of an outcome of the server; "–" without one and for an unknown one. */
export function toOutcomeText(outcome: string): readonly [string, Tone] {
  const known = Object.entries(OUTCOMES).find(([name]) => name === outcome);
  return known?.[1] ?? [NO_VALUE, "plain"];
}

export function toStateText(report: RunReport): readonly [string, Tone] {
  return report.verdict === null ? STATES[report.state] : OUTCOMES[report.verdict.outcome];
}

/** Returns true while a run is in progress. */
export function isInProgress(state: RunState): boolean {
  return state === "spawning" || state === "running" || state === "stopping";
}

/** Returns the share of failed requests; null without requests. */
export function toFailureShare({
  requests,
  failures,
}: {
  readonly requests: number;
  readonly failures: number;
}): number | null {
  return requests === 0 ? null : failures / requests;
}

/** Explains the outcome of a run in a few sentences. */
export function explainVerdict(report: RunReport): string {
  const { total, thresholds, exceptions, generator, verdict } = report;
  const requests = formatCount(total.requests);
  const failures =
    total.requests === 0
      ? "No request was completed."
      : total.failures === 0
        ? `None of ${requests} requests failed.`
        : `${formatCount(total.failures)} of ${requests} requests failed (${formatShare(toFailureShare(total))}).`;
  const thrown = exceptions.length === 0 ? "" : "The script threw errors: see Exceptions.";
  const crossed = thresholds.filter(({ passed }) => !passed).length;
  const kept =
    thresholds.length === 0
      ? ""
      : crossed === 0
        ? "All thresholds held."
        : `${crossed} of ${thresholds.length} thresholds did not hold.`;
  const invalid = ["The measurements are not valid.", generator.invalid?.message ?? "", failures];
  const sentences: Readonly<Record<Verdict["outcome"], readonly string[]>> = {
    passed: [failures, kept],
    failed_requests: [failures, thrown, kept],
    threshold_crossed: [kept, failures, thrown],
    generator_overloaded: invalid,
    machine_busy: invalid,
    incomplete: invalid,
  };
  return verdict === null ? "" : sentences[verdict.outcome].filter(Boolean).join(" ");
}
