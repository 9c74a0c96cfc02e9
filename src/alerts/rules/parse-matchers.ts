import { parse } from "../../promql/syntax/parser.ts";
import { METRIC_NAME, type Matcher } from "../../series/series.ts";

/**
 * Parses label matchers in PromQL's syntax: `severity!="info"`, `team=~"a|b"`.
 * @throws Error with the parser's problem
 */
export function parseMatchers(written: readonly string[]): readonly Matcher[] {
  const expr = parse(`any{${written.join(",")}}`);
  if (expr.kind !== "vector selector") throw new Error("it is more than a selector");
  return expr.matchers.filter(({ name }) => name !== METRIC_NAME);
}
