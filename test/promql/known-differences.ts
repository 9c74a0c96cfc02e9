import { toLabelsKey } from "../../src/series/labels.ts";
import type { Answer } from "./backfilled-prometheus.ts";

/**
 * Why Debian's Prometheus 2.42 may answer otherwise than 3.x, whose semantics are ours; undefined when nothing explains it. What
 * random queries can leave out is left out there (random-query.ts, random-samples.ts say what and why): what stands here
 * depends on values.
 */
export function findKnownDifference(
  query: string,
  ours: Answer,
  theirs: Answer,
): string | undefined {
  if (theirs.error?.includes("runtime error") === true) {
    return "2.42 crashes on a subquery whose step is longer than its range";
  }
  if (ours.error?.startsWith("multiple matches for labels") === true && /[=!<>]/.test(query)) {
    return "3.x looks for several matches before a comparison filters them away, 2.42 after";
  }
  if (/std(?:dev|var)\b/.test(query) && hasZeroForNaN(ours, theirs)) {
    return "the deviation of a NaN or an infinite value is NaN in 3.x, 0 in 2.42 where it is the first";
  }
  if (/std(?:dev|var)\b/.test(query) && query.includes("time")) {
    return "of the deviation of times since 1970, rounding leaves seven digits, and 3.x rounds otherwise";
  }
  return undefined;
}

function hasZeroForNaN(ours: Answer, theirs: Answer): boolean {
  const others = new Map(theirs.series.map((one) => [toLabelsKey(one.labels), one.points]));
  return ours.series.some(({ labels, points }) =>
    points.some(
      ([, value], i) => Number.isNaN(value) && others.get(toLabelsKey(labels))?.[i]?.[1] === 0,
    ),
  );
}
