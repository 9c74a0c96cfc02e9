import { toScalar, toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import type { VectorValue } from "../evaluate/values.ts";
import { mapVector } from "./map-vector.ts";

const each =
  (calculate: (value: number) => number): FunctionImplementation =>
  (env, [vector], call) =>
    mapVector(env, vector, call, calculate);

/** Functions of a single value. */
export const MATHS_FUNCTIONS = {
  abs: each(Math.abs),
  acos: each(Math.acos),
  acosh: each(Math.acosh),
  asin: each(Math.asin),
  asinh: each(Math.asinh),
  atan: each(Math.atan),
  atanh: each(Math.atanh),
  ceil: each(Math.ceil),
  cos: each(Math.cos),
  cosh: each(Math.cosh),
  deg: each((value) => (value * 180) / Math.PI),
  exp: each(Math.exp),
  floor: each(Math.floor),
  ln: each(Math.log),
  log10: each(Math.log10),
  log2: each(Math.log2),
  rad: each((value) => (value * Math.PI) / 180),
  sgn: each(Math.sign),
  sin: each(Math.sin),
  sinh: each(Math.sinh),
  sqrt: each(Math.sqrt),
  tan: each(Math.tan),
  tanh: each(Math.tanh),
  clamp,
  clamp_max,
  clamp_min,
  round,
} satisfies Record<string, FunctionImplementation>;

/** Go's max and min: the infinite value wins over NaN, while JavaScript's return NaN. */
function toLarger(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

function toSmaller(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}

/** No result if min is above max. */
function clamp(
  ...[env, [vector, min, max], call]: Parameters<FunctionImplementation>
): VectorValue {
  const lows = toScalar(min);
  const highs = toScalar(max);
  const { columns } = mapVector(env, vector, call, (value, i) =>
    toLarger(lows[i]!, toSmaller(highs[i]!, value)),
  );
  const kept = columns.map((column) => ({
    ...column,
    present: column.present.map((one, i) => (lows[i]! > highs[i]! ? 0 : one)),
  }));
  return { type: "vector", columns: kept };
}

function clamp_max(...[env, [vector, max], call]: Parameters<FunctionImplementation>): VectorValue {
  const highs = toScalar(max);
  return mapVector(env, vector, call, (value, i) => toSmaller(highs[i]!, value));
}

function clamp_min(...[env, [vector, min], call]: Parameters<FunctionImplementation>): VectorValue {
  const lows = toScalar(min);
  return mapVector(env, vector, call, (value, i) => toLarger(lows[i]!, value));
}

/** Rounds to the nearest multiple, halves up. Uses the inverse, so that 0.1 gives 5.3 and not 5.300000000000001. */
function round(...[env, [vector, nearest], call]: Parameters<FunctionImplementation>): VectorValue {
  if (nearest === undefined) {
    return mapVector(env, toVector(vector), call, (value) => Math.floor(value + 0.5));
  }
  const inverses = toScalar(nearest).map((one) => 1 / one);
  return mapVector(env, toVector(vector), call, (value, i) => {
    const inverse = inverses[i]!;
    return Math.floor(value * inverse + 0.5) / inverse;
  });
}
