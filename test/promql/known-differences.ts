import type { Answer } from "./backfilled-prometheus.ts";

/**
 * Why Debian's Prometheus 2.42 may answer otherwise than 3.x, whose semantics are ours; undefined when nothing explains it. What
 * random queries can leave out is left out there (random-query.ts, random-samples.ts say what and why): what stands here
 * depends on values.
 */
export function findKnownDifference(query: string, ours: Answer): string | undefined {
  if (ours.error?.startsWith("multiple matches for labels") === true && /[=!<>]/.test(query)) {
    return "3.x looks for several matches before a comparison filters them away, 2.42 after";
  }
  return undefined;
}
