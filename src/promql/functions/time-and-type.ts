import { NO_LABELS } from "../../series/labels.ts";
import { unwrap } from "../syntax/ast.ts";
import {
  toScalar,
  toVector,
  type Evaluation,
  type FunctionCall,
  type FunctionImplementation,
} from "../evaluate/evaluation.ts";
import { evaluateSampleTimes } from "../evaluate/selectors.ts";
import {
  createColumn,
  dropNames,
  toTime,
  type ScalarValue,
  type VectorValue,
} from "../evaluate/values.ts";
import { mapVector } from "./map-vector.ts";

/** Equal at every step. */
const constant =
  (calculate: (env: Evaluation) => number): FunctionImplementation =>
  (env, _, { grid }) => ({
    type: "scalar",
    values: new Float64Array(grid.count).fill(calculate(env)),
  });

/** Seconds since 1970, and conversions between value types. */
export const TIME_AND_TYPE_FUNCTIONS = {
  pi: constant(() => Math.PI),
  /** The grid of the whole query, as in `@ start()`. */
  start: constant(({ query }) => query.startMs / 1_000),
  end: constant(({ query }) => query.endMs / 1_000),
  step: constant(({ query, isRange }) => (isRange ? query.stepMs / 1_000 : 0)),
  range: constant(({ query }) => (query.endMs - query.startMs) / 1_000),
  time,
  timestamp,
  scalar,
  vector,
} satisfies Record<string, FunctionImplementation>;

function time(_env: Evaluation, _args: unknown, { grid }: FunctionCall): ScalarValue {
  const values = Float64Array.from({ length: grid.count }, (_, i) => toTime(grid, i) / 1_000);
  return { type: "scalar", values };
}

/** Returns the time of a sample; for any expression but a bare selector, the evaluation time. */
function timestamp(env: Evaluation, _args: unknown, call: FunctionCall): VectorValue {
  const { grid } = call;
  const arg = unwrap(call.args[0]!);
  if (arg.kind !== "vector selector") {
    return mapVector(env, env.evaluate(arg, grid), call, (_, i) => toTime(grid, i) / 1_000);
  }
  const { columns } = env.trace.observe(arg, grid.count, () => evaluateSampleTimes(env, arg, grid));
  return { type: "vector", columns: dropNames(columns, env.options.delayedNameRemoval) };
}

/** NaN unless there is exactly one series. */
function scalar(...[, [value], { grid }]: Parameters<FunctionImplementation>): ScalarValue {
  const { columns } = toVector(value);
  const values = new Float64Array(grid.count);
  const counts = new Int32Array(grid.count);
  for (const column of columns) {
    for (let i = 0; i < grid.count; i++) {
      if (column.present[i] === 0) continue;
      counts[i]!++;
      values[i] = column.values[i]!;
    }
  }
  return { type: "scalar", values: values.map((one, i) => (counts[i] === 1 ? one : Number.NaN)) };
}

function vector(...[env, [value], { grid }]: Parameters<FunctionImplementation>): VectorValue {
  const column = createColumn(env.budget, { labels: NO_LABELS, dropName: false }, grid.count);
  column.values.set(toScalar(value));
  column.present.fill(1);
  return { type: "vector", columns: [column] };
}
