import { unwrap } from "../../promql/ast.ts";
import { parse } from "../../promql/parser.ts";
import type { Matcher } from "../../series/series.ts";
import { createBadData } from "./parameters.ts";

/**
 * The selectors that `match[]` names, as conditions; a series is selected that satisfies all of one.
 *
 * @throws TepalError QUERY_INVALID when one is no selector, or selects everything
 */
export function readSelectors(parameters: URLSearchParams): readonly (readonly Matcher[])[] {
  return parameters.getAll("match[]").map((text) => {
    const expr = unwrap(parse(text));
    if (expr.kind !== "vector selector" || expr.offset !== undefined || expr.at !== undefined) {
      throw createBadData(`invalid parameter "match[]": ${JSON.stringify(text)} is no selector of series`);
    }
    if (expr.matchers.every((matcher) => matcher.matches(""))) {
      throw createBadData("match[] must contain at least one non-empty matcher");
    }
    return expr.matchers;
  });
}
