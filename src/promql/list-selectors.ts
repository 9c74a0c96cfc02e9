import type { Expr, VectorSelector } from "./syntax/ast.ts";

/** Lists the selectors of an expression, those of ranges included. */
export function listSelectors(expr: Expr): readonly VectorSelector[] {
  switch (expr.kind) {
    case "number":
    case "string":
      return [];
    case "vector selector":
      return [expr];
    case "range selector":
      return [expr.selector];
    case "call":
      return expr.args.flatMap(listSelectors);
    case "aggregation":
      return [
        ...(expr.param === undefined ? [] : listSelectors(expr.param)),
        ...listSelectors(expr.expr),
      ];
    case "binary":
      return [...listSelectors(expr.left), ...listSelectors(expr.right)];
    case "subquery":
    case "unary":
    case "parens":
      return listSelectors(expr.expr);
  }
}
