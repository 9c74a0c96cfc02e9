import type { Answer } from "./backfilled-prometheus.ts";

/**
 * Explains why Debian's Prometheus 2.42 may differ from 3.x, whose semantics are ours; undefined without an
 * explanation. Random queries avoid most differences (random-query.ts and random-samples.ts document which); those
 * listed here depend on values.
 */
export function findKnownDifference(query: string, ours: Answer): string | undefined {
  if (ours.error?.startsWith("multiple matches for labels") === true && /[=!<>]/.test(query)) {
    return "3.x checks for multiple matches before a comparison filters them, 2.42 afterwards";
  }
  return undefined;
}
