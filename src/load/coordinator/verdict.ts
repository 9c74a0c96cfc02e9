import { evaluateThreshold, parseThreshold } from "../contract/threshold.ts";
import type {
  GeneratorStatistics,
  RunReport,
  ThresholdResult,
  Verdict,
} from "../contract/report.ts";
import type { Statistics } from "./statistics.ts";

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
 * Decides the result of a run. An invalid run comes first, since everything else is uncertain in it. Failed requests do not
 * decide if a threshold limits them. A server that has replied to no request at all has failed.
 */
export function decideVerdict(
  report: Pick<RunReport, "total" | "exceptions" | "thresholds">,
  generator: Pick<GeneratorStatistics, "invalid">,
  isFailureLimited: boolean,
): Verdict {
  if (generator.invalid !== null) return { outcome: generator.invalid.cause, exit_code: 3 };
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
