import { describe, expect, it } from "vitest";
import { toChildren, type Expr } from "../../../src/promql/syntax/ast.ts";
import { parse } from "../../../src/promql/syntax/parser.ts";
import { parseExpression } from "./syntax.ts";
import { countLabels, listRows, toKey, toRow } from "./tree-costs.ts";

/** Lists the source ranges of the nodes that the engine evaluates, without parentheses. */
function listEvaluated(expr: Expr): readonly string[] {
  const below = expr.kind === "range selector" ? [] : toChildren(expr).flatMap(listEvaluated);
  return expr.kind === "parens" ? below : [toKey(expr), ...below];
}

describe("the rows of the tree", () => {
  it.each([
    "up",
    "sum by (job) (rate(hits_total{job!=''}[5m] offset 1m)) / on (job) group_left count(up)",
    "max_over_time((a + b)[1h:5m] @ 123)",
    'topk(3, (up)) > bool 2 or label_replace(up, "a", "$1", "b", "(.*)")',
    "-up * 2",
    "up @ end() offset -5m",
    "quantile by (x) (0.9, histogram_quantile(0.5, rate(y_bucket[1m])))",
    '{"a.b", c="d"} unless ignoring (e) (((f)))',
    "\n  sum(\n    up  # text\n  )\n",
  ])("have the source ranges of the nodes that the engine evaluates: %s", (expression) => {
    const rows = listRows(toRow(parseExpression(expression)!, expression));
    expect(rows.map(toKey)).toEqual(listEvaluated(parse(expression)));
  });

  it("have the part of the expression, the depth, and the query that measures them", () => {
    const expression = "sum by (job) (\n  rate(hits_total[5m]) * (2)\n)";
    const rows = listRows(toRow(parseExpression(expression)!, expression));
    expect(rows.map(({ depth, text, query, metric }) => [depth, text, query, metric])).toEqual([
      [0, "sum by (job) ( rate(hits_total[5m]) * (2) )", expression, undefined],
      [1, "rate(hits_total[5m]) * (2)", "rate(hits_total[5m]) * (2)", undefined],
      [2, "rate(hits_total[5m])", "rate(hits_total[5m])", undefined],
      [3, "hits_total[5m]", "last_over_time(hits_total[5m])", "hits_total"],
      [2, "2", undefined, undefined],
    ]);
  });

  it("count labels by their values", () => {
    const series = ["a", "b", "b"].map((job) => ({ job, env: "x" }));
    expect(countLabels(series)).toEqual([
      {
        name: "job",
        values: 2,
        top: [
          { value: "b", series: 2 },
          { value: "a", series: 1 },
        ],
      },
      { name: "env", values: 1, top: [{ value: "x", series: 3 }] },
    ]);
  });
});
