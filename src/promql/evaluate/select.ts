import type { Matcher, SeriesSamples } from "../../series/series.ts";
import type { Evaluation } from "./evaluation.ts";

/** Selects series from the reader, and checks the time limit for expensive regular expressions. */
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
  return reader.select(watched, fromMs, toMs);
}
