import type { GeneratorStatistics, RunReport, SeriesPoint, Verdict } from "../contract/report.ts";

/** A generator that begins things later than that is in its own way: what it measures is itself. */
const LATENESS_LIMIT_MS = 50;
/** Of fewer steps, the latest percent is a handful that says nothing: then it is half of them that counts. */
const LATENESS_COUNT = 500;
const HALF_COUNT = 20;
const HALF_LIMIT_MS = 250;
/** So busy for so long, requests and replies wait for the generator. */
const UTILISATION_LIMIT = 0.95;
const UTILISATION_SECONDS = 5;

/** Why a run's figures are not to be trusted; null when they are. */
export function findOverload(
  lateness: { readonly count: number; readonly p50Ms: number; readonly p99Ms: number },
  points: readonly Pick<SeriesPoint, "utilisation" | "elapsed_seconds">[],
): string | null {
  let busy = 0;
  for (const { utilisation, elapsed_seconds: at } of points) {
    busy = utilisation > UTILISATION_LIMIT ? busy + 1 : 0;
    if (busy >= UTILISATION_SECONDS) {
      return (
        `A generator was busy for more than ${UTILISATION_LIMIT * 100} % of ${UTILISATION_SECONDS} seconds in a row ` +
        `(until ${at.toFixed(0)} s): replies waited for it. Use more --workers, fewer users, or longer waits.`
      );
    }
  }
  const { count, p50Ms, p99Ms } = lateness;
  if (count >= LATENESS_COUNT && p99Ms > LATENESS_LIMIT_MS) {
    return describeLateness("1 %", p99Ms, LATENESS_LIMIT_MS);
  }
  if (count >= HALF_COUNT && p50Ms > HALF_LIMIT_MS) {
    return describeLateness("Half", p50Ms, HALF_LIMIT_MS);
  }
  return null;
}

function describeLateness(part: string, ms: number, limitMs: number): string {
  return (
    `${part} of arrivals and steps were ${ms.toFixed(0)} ms late or more (limit: ${limitMs} ms): the generator could ` +
    "not keep up. Use more --workers, or another machine."
  );
}

/**
 * What became of a run. An overloaded generator comes first, since nothing else is known then. Failed requests are no verdict of their
 * own where a threshold says how many there may be; a server that has answered nothing at all has failed.
 */
export function judge(
  report: Pick<RunReport, "total" | "exceptions" | "thresholds">,
  generator: Pick<GeneratorStatistics, "overloaded">,
  isFailureLimited: boolean,
): Verdict {
  if (generator.overloaded !== null) return { outcome: "generator_overloaded", exit_code: 3 };
  if (report.thresholds.some(({ passed }) => !passed)) {
    return { outcome: "threshold_crossed", exit_code: 99 };
  }
  const { requests, failures, abandoned } = report.total;
  const hasFailed = failures > 0 && !isFailureLimited;
  const hasNoReply = requests === 0 && abandoned > 0;
  if (hasFailed || hasNoReply || report.exceptions.length > 0)
    return { outcome: "failed_requests", exit_code: 1 };
  return { outcome: "passed", exit_code: 0 };
}
