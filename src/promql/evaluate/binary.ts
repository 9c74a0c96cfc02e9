import type { Binary } from "../syntax/ast.ts";
import { toScalar, toVector, type Evaluation } from "./evaluation.ts";
import { ARITHMETIC, COMPARE, isArithmetic, isComparison, isSetOperator } from "./operators.ts";
import { combineSets } from "./set-operators.ts";
import { createColumn, dropNames, type Column, type Grid, type Value } from "./values.ts";
import { combineVectors } from "./vector-matching.ts";

export function evaluateBinary(env: Evaluation, binary: Binary, grid: Grid): Value {
  const left = env.evaluate(binary.left, grid);
  const right = env.evaluate(binary.right, grid);
  if (left.type === "scalar" && right.type === "scalar") {
    return { type: "scalar", values: combineScalars(binary, left.values, right.values) };
  }
  if (left.type === "vector" && right.type === "vector") {
    const { op } = binary;
    const columns = isSetOperator(op)
      ? combineSets(op, binary.matching, left.columns, right.columns, grid)
      : combineVectors(env, binary, left.columns, right.columns, grid);
    return { type: "vector", columns };
  }
  const columns =
    left.type === "vector"
      ? combineWithScalar(env, binary, left.columns, toScalar(right), false)
      : combineWithScalar(env, binary, toVector(right).columns, toScalar(left), true);
  return { type: "vector", columns };
}

function combineScalars({ op }: Binary, left: Float64Array, right: Float64Array): Float64Array {
  if (isArithmetic(op)) {
    const calculate = ARITHMETIC[op];
    return left.map((value, i) => calculate(value, right[i]!));
  }
  if (!isComparison(op)) throw new Error(`the type check let ${op} between scalars through`);
  const compare = COMPARE[op];
  return left.map((value, i) => (compare(value, right[i]!) ? 1 : 0));
}

/** @param swapped true if the scalar is on the left */
function combineWithScalar(
  env: Evaluation,
  { op, bool }: Binary,
  columns: readonly Column[],
  scalar: Float64Array,
  swapped: boolean,
): readonly Column[] {
  const combined = columns.map((column) => {
    const result = createColumn(env.budget, column, scalar.length);
    if (isArithmetic(op)) calculateWithScalar(column, scalar, ARITHMETIC[op], swapped, result);
    else if (isComparison(op)) {
      compareWithScalar(column, scalar, COMPARE[op], { swapped, bool }, result);
    }
    return result;
  });
  if (isComparison(op) && !bool) return combined;
  return dropNames(combined, env.options.delayedNameRemoval);
}

function calculateWithScalar(
  { values, present }: Column,
  scalar: Float64Array,
  calculate: (a: number, b: number) => number,
  swapped: boolean,
  result: Column,
): void {
  for (let i = 0; i < scalar.length; i++) {
    result.values[i] = swapped
      ? calculate(scalar[i]!, values[i]!)
      : calculate(values[i]!, scalar[i]!);
  }
  result.present.set(present);
}

/** A filter keeps the vector's value, on either side. */
function compareWithScalar(
  { values, present }: Column,
  scalar: Float64Array,
  compare: (a: number, b: number) => boolean,
  { swapped, bool }: { readonly swapped: boolean; readonly bool: boolean },
  result: Column,
): void {
  for (let i = 0; i < scalar.length; i++) {
    if (present[i] === 0) continue;
    const value = values[i]!;
    const holds = swapped ? compare(scalar[i]!, value) : compare(value, scalar[i]!);
    if (!holds && !bool) continue;
    result.present[i] = 1;
    result.values[i] = bool ? Number(holds) : value;
  }
}
