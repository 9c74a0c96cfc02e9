import { toChildren, type Expr } from "../syntax/ast.ts";

/** Functions whose result depends on the time of evaluation for any arguments. */
export const TIME_FUNCTIONS: ReadonlySet<string> = new Set([
  "days_in_month",
  "day_of_month",
  "day_of_week",
  "day_of_year",
  "hour",
  "minute",
  "month",
  "year",
  "predict_linear",
  "time",
  "timestamp",
]);

const known = new WeakMap<Expr, boolean>();

/**
 * Returns true if an expression has the same value at every step of a query, because `@` fixes all of its selectors.
 */
export function isStepInvariant(expr: Expr): boolean {
  const before = known.get(expr);
  if (before !== undefined) return before;
  const result = findOut(expr);
  known.set(expr, result);
  return result;
}

function findOut(expr: Expr): boolean {
  switch (expr.kind) {
    case "number":
    case "string":
      // A literal itself gains nothing, but the expression around it may be invariant.
      return true;
    case "vector selector":
    case "subquery":
      return expr.at !== undefined;
    case "call":
      if (TIME_FUNCTIONS.has(expr.name)) return false;
  }
  return toChildren(expr).every(isStepInvariant);
}
