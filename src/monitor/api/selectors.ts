import { TepalError } from "../../kernel/errors.ts";
import { unwrap, type VectorSelector } from "../../promql/syntax/ast.ts";
import { createParseError } from "../../promql/errors.ts";
import { parse } from "../../promql/syntax/parser.ts";
import type { Matcher } from "../../series/series.ts";
import { createBadData } from "./parameters.ts";

const NON_EMPTY = "must contain at least one non-empty matcher";

/**
 * Reads the selectors of `match[]`. A series is selected if it satisfies all matchers of one of them.
 *
 * @throws TepalError QUERY_INVALID if one is not a selector, or selects everything
 */
export function readSelectors(parameters: URLSearchParams): readonly (readonly Matcher[])[] {
  return parameters.getAll("match[]").map((promql) => readSelector(promql).matchers);
}

/** Reads one selector. @throws TepalError QUERY_INVALID if it is none, or selects everything */
export function readSelector(promql: string): VectorSelector {
  try {
    const expr = unwrap(parse(promql));
    if (expr.kind === "vector selector" && expr.offset === undefined && expr.at === undefined) {
      return expr;
    }
  } catch (error) {
    const isEmpty = error instanceof TepalError && error.message.endsWith(NON_EMPTY);
    throw isEmpty ? createBadData(`match[] ${NON_EMPTY}`) : error;
  }
  throw createParseError(promql, 0, "expected a series selector");
}
