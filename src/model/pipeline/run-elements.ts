import type { BinaryOperation, StepOf, TensorType, UnaryOperation } from "./pipeline.ts";
import type { Resolve, Run } from "./slots.ts";
import { sigmoid } from "./sigmoid.ts";

type Binary = (a: number, b: number) => number;

const BINARY: Readonly<Record<BinaryOperation, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  // NaN on either side gives NaN.
  Max: (a, b) => (a < b || Number.isNaN(b) ? b : a),
  Min: (a, b) => (a > b || Number.isNaN(b) ? b : a),
  Mod: (a, b) => a % b,
  Less: (a, b) => (a < b ? 1 : 0),
  LessOrEqual: (a, b) => (a <= b ? 1 : 0),
  Greater: (a, b) => (a > b ? 1 : 0),
  GreaterOrEqual: (a, b) => (a >= b ? 1 : 0),
  Equal: (a, b) => (a === b ? 1 : 0),
  And: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  Or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  Xor: (a, b) => ((a !== 0) === (b !== 0) ? 0 : 1),
};

/** Operations on integers that differ from those on other numbers; a division by 0, which ends onnxruntime's process, gives 0. */
const INTEGER: Partial<Record<BinaryOperation, Binary>> = {
  Div: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  // The result has the sign of the divisor.
  Mod: (a, b) => (b === 0 ? 0 : ((a % b) + b) % b),
};

export function createBinary(step: StepOf<"binary">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const a = resolve(step.a);
  const b = resolve(step.b);
  const { indexA, indexB, operation } = step;
  const operate = (step.isInteger ? INTEGER[operation] : undefined) ?? BINARY[operation];
  return (count) => {
    for (let row = 0; row < count; row++) {
      const to = row * out.width;
      const fromA = row * a.stride;
      const fromB = row * b.stride;
      for (let i = 0; i < out.width; i++) {
        out.data[to + i] = operate(a.data[fromA + indexA[i]!]!, b.data[fromB + indexB[i]!]!);
      }
    }
  };
}

/** Rounds half to even. */
function round(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  if (floor === -1) return -0;
  return floor % 2 === 0 ? floor : floor + 1;
}

const UNARY: Readonly<Record<UnaryOperation, (value: number) => number>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Exp: Math.exp,
  Floor: Math.floor,
  IsNaN: (value) => (Number.isNaN(value) ? 1 : 0),
  Log: Math.log,
  Neg: (value) => -value,
  Not: (value) => (value === 0 ? 1 : 0),
  Reciprocal: (value) => 1 / value,
  Relu: (value) => (value < 0 ? 0 : value),
  Round: round,
  Sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  Sign: (value) => Math.sign(value) + 0,
  Softplus: (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
};

/** Returns the function of an operation, for one type of numbers. */
export function toUnary(operation: UnaryOperation, type: TensorType): (value: number) => number {
  return operation === "Sigmoid" && type === "float" ? sigmoid : UNARY[operation];
}

export function createUnary(step: StepOf<"unary">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const operate = toUnary(step.operation, step.type);
  return (count) => {
    for (let row = 0; row < count; row++) {
      const to = row * out.width;
      const from = row * source.stride;
      for (let i = 0; i < out.width; i++) out.data[to + i] = operate(source.data[from + i]!);
    }
  };
}

export function createClip(step: StepOf<"clip">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { min, max } = step;
  return (count) => {
    for (let row = 0; row < count; row++) {
      const to = row * out.width;
      const from = row * source.stride;
      for (let i = 0; i < out.width; i++) {
        out.data[to + i] = Math.min(Math.max(source.data[from + i]!, min), max);
      }
    }
  };
}

export function createWhere(step: StepOf<"where">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const condition = resolve(step.condition);
  const a = resolve(step.a);
  const b = resolve(step.b);
  const { indexCondition, indexA, indexB } = step;
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < out.width; i++) {
        const isTrue = condition.data[row * condition.stride + indexCondition[i]!] !== 0;
        out.data[row * out.width + i] = isTrue
          ? a.data[row * a.stride + indexA[i]!]!
          : b.data[row * b.stride + indexB[i]!]!;
      }
    }
  };
}
