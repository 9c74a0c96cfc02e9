import type { ArithmeticOperator, BinaryOperator, Comparison, SetOperator } from "../syntax/ast.ts";

export const ARITHMETIC: Readonly<Record<ArithmeticOperator, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": power,
  atan2: Math.atan2,
};

export const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
};

export function isComparison(op: BinaryOperator): op is Comparison {
  return Object.hasOwn(COMPARE, op);
}

export function isArithmetic(op: BinaryOperator): op is ArithmeticOperator {
  return Object.hasOwn(ARITHMETIC, op);
}

export function isSetOperator(op: BinaryOperator): op is SetOperator {
  return !isArithmetic(op) && !isComparison(op);
}

/** Power as in IEEE 754, unlike JavaScript's: 1 to any power is 1, and so is −1 to an infinite power. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}
