import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { describeExpr } from "../../src/monitor/api/describe-expr.ts";
import { parse } from "../../src/promql/syntax/parser.ts";

/** Replies of Prometheus 3.16 to `parse_query`, by query. */
const REPLIES: Readonly<Record<string, object>> = JSON.parse(
  readFileSync(new URL("../fixtures/parse-query.json", import.meta.url), "utf8"),
);

it.each(Object.entries(REPLIES))("describes %s as Prometheus does", (query, expected) => {
  expect(describeExpr(parse(query))).toEqual(expected);
});
