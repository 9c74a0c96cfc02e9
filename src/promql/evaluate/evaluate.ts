import { evaluateAggregation } from "../aggregate/aggregation.ts";
import { unwrap, type Call, type Expr, type Unary } from "../syntax/ast.ts";
import { evaluateBinary } from "./binary.ts";
import { toVector, type Evaluation } from "./evaluation.ts";
import { FUNCTIONS, LAZY_FUNCTIONS } from "../functions/functions.ts";
import { isFunctionName } from "../syntax/function-signatures.ts";
import { evaluateRangeSelector, evaluateVectorSelector } from "./selectors.ts";
import { isStepInvariant } from "./step-invariance.ts";
import { evaluateSubquery } from "./subqueries.ts";
import { createColumn, dropNames, toHeldSamples, type Grid, type Value } from "./values.ts";

/** Creates an evaluation, which evaluates every node of an expression once, for all steps of its grid. */
export function createEvaluation(shared: Omit<Evaluation, "evaluate">): Evaluation {
  const env: Evaluation = {
    ...shared,
    evaluate(expr, grid) {
      const { budget } = env;
      budget.spend(grid.count);
      const before = budget.held;
      const value = env.trace.observe(expr, grid.count, () => evaluateOnce(env, expr, grid));
      if (value.type === "vector" || value.type === "scalar") {
        // The inputs of the result are garbage now.
        budget.held = before;
        const samples =
          value.type === "vector" ? toHeldSamples(value.columns, grid.count) : grid.count;
        budget.hold(samples);
        // An instant query may repeat cheap operations on many series.
        budget.spend(samples);
      }
      return value;
    },
  };
  return env;
}

/** An expression that `@` makes equal at every step is evaluated at one step and repeated. */
function evaluateOnce(env: Evaluation, expr: Expr, grid: Grid): Value {
  // A range has windows for each step in any case.
  const { kind } = unwrap(expr);
  const isRange = kind === "range selector" || kind === "subquery";
  if (grid.count === 1 || isRange || !isStepInvariant(expr)) return evaluateNode(env, expr, grid);
  const value = evaluateNode(env, expr, { ...grid, count: 1 });
  if (value.type === "scalar") {
    return { type: "scalar", values: new Float64Array(grid.count).fill(value.values[0]!) };
  }
  if (value.type !== "vector") return value;
  const columns = value.columns.map((one) => {
    const column = createColumn(env.budget, one, grid.count);
    column.values.fill(one.values[0]!);
    column.present.fill(one.present[0]!);
    return column;
  });
  return { type: "vector", columns };
}

function evaluateNode(env: Evaluation, expr: Expr, grid: Grid): Value {
  switch (expr.kind) {
    case "number":
      return { type: "scalar", values: new Float64Array(grid.count).fill(expr.value) };
    case "string":
      return { type: "string", value: expr.value };
    case "parens":
      return env.evaluate(expr.expr, grid);
    case "vector selector":
      return evaluateVectorSelector(env, expr, grid);
    case "range selector":
      return evaluateRangeSelector(env, expr, grid);
    case "subquery":
      return evaluateSubquery(env, expr, grid);
    case "unary":
      return evaluateUnary(env, expr, grid);
    case "binary":
      return evaluateBinary(env, expr, grid);
    case "aggregation":
      return evaluateAggregation(env, expr, grid);
    case "call":
      return evaluateCall(env, expr, grid);
  }
}

function evaluateCall(env: Evaluation, { name, args, start, end }: Call, grid: Grid): Value {
  if (!isFunctionName(name)) throw new Error(`the type check let ${name} through`);
  const values = LAZY_FUNCTIONS.has(name) ? [] : args.map((arg) => env.evaluate(arg, grid));
  return FUNCTIONS[name](env, values, { args, start, end, grid });
}

function evaluateUnary(env: Evaluation, { op, expr }: Unary, grid: Grid): Value {
  const value = env.evaluate(expr, grid);
  if (op === "+") return value;
  if (value.type === "scalar") return { type: "scalar", values: value.values.map((one) => -one) };
  const columns = toVector(value).columns.map((column) => ({
    ...column,
    values: column.values.map((one) => -one),
  }));
  return { type: "vector", columns: dropNames(columns, env.options.delayedNameRemoval) };
}
