import type { Matcher, SeriesSamples } from "../../series/series.ts";
import type { Evaluation } from "./evaluation.ts";
import { countUpTo } from "./windows.ts";

/**
 * Selects series from the reader, holds their samples, and checks the time limit for expensive regular expressions.
 *
 * @throws TepalError QUERY_FAILED if the query would hold too many samples
 */
export function select(
  { budget, reader }: Evaluation,
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
): readonly SeriesSamples[] {
  const watched = matchers.map((matcher): Matcher => {
    const { cost } = matcher;
    if (cost === 0) return matcher;
    const matches = (value: string): boolean => {
      budget.spend(cost * (value.length + 1));
      return matcher.matches(value);
    };
    return { ...matcher, matches };
  });
  const selected = reader.select(watched, fromMs, toMs, budget.left);
  const counts = new Map<Float64Array, number>();
  for (const { times } of selected) {
    let samples = counts.get(times);
    if (samples === undefined) counts.set(times, (samples = countWithin(times, fromMs, toMs)));
    budget.hold(samples);
  }
  return selected;
}

/** Counts the times within [fromMs, toMs]: a reader may return more. */
function countWithin(times: Float64Array, fromMs: number, toMs: number): number {
  const [before = 0, upTo = 0] = countUpTo(times, Float64Array.of(fromMs - 1, toMs));
  return upTo - before;
}
