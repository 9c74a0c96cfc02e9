import { evaluateThreshold, parseThreshold } from "../contract/threshold.ts";
import type {
  GeneratorStatistics,
  RunReport,
  SeriesPoint,
  ThresholdResult,
  Verdict,
} from "../contract/report.ts";
import type { Statistics } from "./statistics.ts";

/** A generator that starts steps later than this slows itself down and measures itself. */
const LATENESS_LIMIT_MS = 50;
/** Among fewer steps, the latest 1 % are too few to decide. Then the median decides. */
const LATENESS_COUNT = 500;
const MEDIAN_COUNT = 20;
const MEDIAN_LIMIT_MS = 250;
/** Above this utilisation for this long, requests and replies wait for the generator. */
const UTILISATION_LIMIT = 0.95;
const UTILISATION_SECONDS = 5;

/** Explains why the results of a run are invalid; null if they are valid. */
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
        `(until ${at.toFixed(0)} s), so replies waited for it. Use more --workers, fewer users or longer waits.`
      );
    }
  }
  const { count, p50Ms, p99Ms } = lateness;
  if (count >= LATENESS_COUNT && p99Ms > LATENESS_LIMIT_MS) {
    return describeLateness("1 %", p99Ms, LATENESS_LIMIT_MS);
  }
  if (count >= MEDIAN_COUNT && p50Ms > MEDIAN_LIMIT_MS) {
    return describeLateness("Half", p50Ms, MEDIAN_LIMIT_MS);
  }
  return null;
}

function describeLateness(part: string, ms: number, limitMs: number): string {
  return (
    `${part} of arrivals and steps were ${ms.toFixed(0)} ms late or more (limit: ${limitMs} ms): the generator could ` +
    "not keep up. Use more --workers or another machine."
  );
}

/** Evaluates the thresholds of a plan. @param seconds since the counts began */
export function evaluateThresholds(
  expressions: readonly string[],
  statistics: Statistics,
  seconds: number,
): readonly ThresholdResult[] {
  return expressions.map(parseThreshold).map((threshold) => {
    const { endpoint } = threshold;
    const sums = endpoint === null ? statistics.total : statistics.find(endpoint);
    if (sums === undefined) return evaluateThreshold(threshold, undefined);
    const { requests, failures, time } = sums;
    const requestsPerSecond = seconds > 0 ? requests / seconds : 0;
    return evaluateThreshold(threshold, { requests, failures, requestsPerSecond, time });
  });
}

/** Returns true if a threshold limits the failures. */
export function limitsFailures(expressions: readonly string[]): boolean {
  return expressions.some((expression) => parseThreshold(expression).measure.kind === "failures");
}

/**
 * Decides the result of a run. An overloaded generator comes first, since it makes everything else uncertain. Failed requests do not
 * decide if a threshold limits them. A server that has replied to no request at all has failed.
 */
export function decideVerdict(
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
  if (hasFailed || hasNoReply || report.exceptions.length > 0) {
    return { outcome: "failed_requests", exit_code: 1 };
  }
  return { outcome: "passed", exit_code: 0 };
}
