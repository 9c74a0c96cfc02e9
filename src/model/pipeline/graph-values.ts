import type { ClassLabels } from "../model.ts";
import { toUnsupported } from "../onnx/onnx.ts";
import type { SlotArray, TensorType } from "./pipeline.ts";

/** The size of the dimension of rows. */
export const ROWS = -1;

/** A tensor of the graph, at compile time. */
export interface Value {
  readonly type: TensorType;
  /**
   * Sizes of the dimensions, at most one of which is ROWS; a constant has none. The numbers of a row lie in the order of the
   * other dimensions.
   */
  readonly shape: readonly number[];
  readonly slot: number;
  /** The numbers of a constant. */
  readonly constant: SlotArray | undefined;
  /** True if the numbers are sizes, of which NaN stands for the number of rows. */
  readonly isShape?: boolean | undefined;
  /** The values that it can have, if it holds class labels. */
  readonly labels?: ClassLabels | undefined;
  /** For strings of an input: index of the feature of each number. */
  readonly features?: Int32Array | undefined;
}

export const UNSUPPORTED_ADVICE = "Export the model without this step, or with another converter.";

/** Number of numbers in each row of a shape. */
export function toWidth(shape: readonly number[]): number {
  return shape.reduce((product, size) => (size === ROWS ? product : product * size), 1);
}

/** The shape of one row: ROWS becomes 1. */
export function toRowShape(shape: readonly number[]): number[] {
  return shape.map((size) => (size === ROWS ? 1 : size));
}

/**
 * Checks that a shape has at most one dimension of rows.
 * @throws TepalError MODEL_UNSUPPORTED
 */
export function checkShape(shape: readonly number[], at: string): void {
  const rows = shape.indexOf(ROWS);
  if (rows < 0 || !shape.includes(ROWS, rows + 1)) return;
  const message = `Expected one dimension of rows, got the shape [${formatShape(shape)}].`;
  throw toUnsupported(at, message, UNSUPPORTED_ADVICE);
}

export function formatShape(shape: readonly number[]): string {
  return shape.map((size) => (size === ROWS ? "N" : String(size))).join(", ");
}

/** @throws TepalError MODEL_UNSUPPORTED for an axis that the shape does not have */
export function toAxis(axis: number, rank: number, at: string): number {
  const index = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(index) && index >= 0 && index < rank) return index;
  throw toUnsupported(
    at,
    `Expected an axis of ${rank} dimensions, got ${axis}.`,
    UNSUPPORTED_ADVICE,
  );
}

/** @throws TepalError MODEL_UNSUPPORTED for the dimension of rows: a row would depend on other rows */
export function checkNotRows(shape: readonly number[], axis: number, at: string): void {
  if (shape[axis] !== ROWS) return;
  const message = "Expected an operation within each row, got one over all rows.";
  throw toUnsupported(at, message, UNSUPPORTED_ADVICE);
}

/** Distance of neighboring numbers along each dimension. */
export function toStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

/** Calls a function with the position of each number of a shape in row-major order. */
export function forEachPosition(
  shape: readonly number[],
  visit: (position: readonly number[], index: number) => void,
): void {
  const count = toWidth(shape);
  const strides = toStrides(shape);
  for (let index = 0; index < count; index++) {
    visit(
      strides.map((stride, axis) => Math.floor(index / stride) % (shape[axis] ?? 1)),
      index,
    );
  }
}

/**
 * Returns the common shape of operands by the rules of broadcasting.
 * @throws TepalError MODEL_UNSUPPORTED
 */
export function broadcastShapes(shapes: readonly (readonly number[])[], at: string): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((each) => each !== 1) ?? 1;
    if (sizes.every((each) => each === 1 || each === size)) return size;
    const list = shapes.map((shape) => `[${formatShape(shape)}]`).join(" and ");
    throw toUnsupported(
      at,
      `Expected shapes that fit each other, got ${list}.`,
      UNSUPPORTED_ADVICE,
    );
  });
  checkShape(result, at);
  return result;
}

/** For each number of a row of the result, the index of the operand's number. */
export function toBroadcastIndex(shape: readonly number[], result: readonly number[]): Int32Array {
  const from = toRowShape(shape);
  const to = toRowShape(result);
  const strides = toStrides(from);
  const skipped = to.length - from.length;
  const index = new Int32Array(toWidth(to));
  forEachPosition(to, (position, i) => {
    let at = 0;
    for (const [axis, stride] of strides.entries()) {
      if (from[axis] !== 1) at += (position[axis + skipped] ?? 0) * stride;
    }
    index[i] = at;
  });
  return index;
}
