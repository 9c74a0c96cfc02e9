import { toChildren, type Expr } from "../../src/promql/syntax/ast.ts";
import { parse } from "../../src/promql/syntax/parser.ts";
import { print } from "../../src/promql/syntax/print.ts";
import { TIME_FUNCTIONS } from "../../src/promql/evaluate/step-invariance.ts";

/**
 * Returns a query with every selector pinned by `@`, so that its result no longer depends on the time of evaluation;
 * undefined if a function does. Selectors within a pinned subquery stay unchanged.
 */
export function pinSelectors(query: string, timeMs: number): string | undefined {
  const expr = parse(query);
  return dependsOnTime(expr) ? undefined : print(pin(expr, timeMs));
}

/** As in Prometheus's search: it does not look inside a pinned subquery. */
function dependsOnTime(expr: Expr): boolean {
  if (expr.kind === "call" && TIME_FUNCTIONS.has(expr.name)) return true;
  if (expr.kind === "subquery" && expr.at !== undefined) return false;
  return toChildren(expr).some(dependsOnTime);
}

function pin(expr: Expr, at: number): Expr {
  switch (expr.kind) {
    case "number":
    case "string":
      return expr;
    case "vector selector":
    case "subquery":
      return { ...expr, at: expr.at ?? at };
    case "range selector":
      return { ...expr, selector: { ...expr.selector, at: expr.selector.at ?? at } };
    case "call":
      return { ...expr, args: expr.args.map((arg) => pin(arg, at)) };
    case "aggregation": {
      const param = expr.param === undefined ? undefined : pin(expr.param, at);
      return { ...expr, param, expr: pin(expr.expr, at) };
    }
    case "binary":
      return { ...expr, left: pin(expr.left, at), right: pin(expr.right, at) };
    case "unary":
    case "parens":
      return { ...expr, expr: pin(expr.expr, at) };
  }
}
