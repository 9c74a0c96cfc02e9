import type { SeriesReader } from "../../series/series.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Budget } from "./budget.ts";
import type { Notes } from "../errors.ts";
import type { EngineOptions, TimeRange } from "../promql.ts";
import type { Trace } from "./trace.ts";
import type { Grid, ScalarValue, StringValue, Value, VectorValue } from "./values.ts";

/** Shared state of a query's evaluation. */
export interface Evaluation {
  readonly options: EngineOptions;
  readonly reader: SeriesReader;
  readonly budget: Budget;
  readonly notes: Notes;
  readonly trace: Trace;
  /** The requested grid: `@ start()` and `@ end()` mean its edges, also within subqueries, and also between two steps. */
  readonly query: TimeRange;
  /** False for an instant query, in which `sort` sorts. */
  readonly isRange: boolean;
  /** Evaluates an expression at every step of a grid. */
  evaluate(expr: Expr, grid: Grid): Value;
}

/** A PromQL function; its arguments were evaluated on the grid, from left to right. */
export type FunctionImplementation = (
  env: Evaluation,
  args: readonly Value[],
  call: FunctionCall,
) => ScalarValue | VectorValue;

export interface FunctionCall {
  readonly args: readonly Expr[];
  /** Source range of the call in the query. */
  readonly start: number;
  readonly end: number;
  readonly grid: Grid;
}

export function toVector(value: Value | undefined): VectorValue {
  if (value?.type !== "vector") throw new Error("the type check let a non-vector through");
  return value;
}

export function toScalar(value: Value | undefined): Float64Array {
  if (value?.type !== "scalar") throw new Error("the type check let a non-scalar through");
  return value.values;
}

export function toStringValue(value: Value | undefined): StringValue["value"] {
  if (value?.type !== "string") throw new Error("the type check let a non-string through");
  return value.value;
}
