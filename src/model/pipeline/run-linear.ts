import type { PostTransform, SlotArray, StepOf } from "./pipeline.ts";
import { logistic, sigmoid } from "./sigmoid.ts";
import type { Resolve, Run } from "./slots.ts";

/** Columns of one block: onnxruntime adds up blocks of this many products. */
const BLOCK = 256;

/** Products from the left, rounded after each addition, the bias last. */
export function createProduct(step: StepOf<"product">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { weights, rows, inner, columns, bias, alpha, beta } = step;
  const isFloat = out.data instanceof Float32Array;
  const round: (value: number) => number = isFloat ? Math.fround : (value) => value;
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let line = 0; line < rows; line++) {
        const from = row * source.stride + line * inner;
        const to = row * out.width + line * columns;
        for (let column = 0; column < columns; column++) {
          let total = 0;
          for (let start = 0; start < inner; start += BLOCK) {
            const end = Math.min(start + BLOCK, inner);
            let sum = 0;
            for (let k = start; k < end; k++) {
              sum = round(sum + source.data[from + k]! * weights[k * columns + column]!);
            }
            total = start === 0 ? sum : round(total + sum);
          }
          if (alpha !== 1) total = round(total * alpha);
          if (bias !== null) {
            const added = bias[bias.length === 1 ? 0 : column]!;
            total = round(total + (beta === 1 ? added : round(added * beta)));
          }
          out.data[to + column] = total;
        }
      }
    }
  };
}

/** Returns intercept + Σ x·w for one row of coefficients. */
export function multiply(
  data: SlotArray,
  from: number,
  coefficients: SlotArray,
  at: number,
  inner: number,
  intercept: number,
): number {
  let sum = 0;
  for (let k = 0; k < inner; k++) {
    sum = Math.fround(sum + Math.fround(data[from + k]!) * coefficients[at + k]!);
  }
  return Math.fround(sum + intercept);
}

/** Applies a post-transform to scores in place. */
export function transform(scores: SlotArray, at: number, size: number, post: PostTransform): void {
  if (post === "LOGISTIC") {
    for (let i = at; i < at + size; i++) scores[i] = sigmoid(scores[i]!);
  } else if (post === "SOFTMAX" || post === "SOFTMAX_ZERO") {
    softmax(scores, at, size, post === "SOFTMAX_ZERO");
  }
}

/** @param keepsZero true if a score of (nearly) 0 stays 0 */
function softmax(scores: SlotArray, at: number, size: number, keepsZero: boolean): void {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = at; i < at + size; i++) greatest = Math.max(greatest, scores[i]!);
  const atZero = Math.fround(Math.exp(-greatest));
  let sum = 0;
  for (let i = at; i < at + size; i++) {
    const value = scores[i]!;
    const isZero = keepsZero && Math.abs(value) <= 1e-7;
    const share = isZero
      ? Math.fround(value * atZero)
      : Math.fround(Math.exp(Math.fround(value - greatest)));
    scores[i] = share;
    sum = Math.fround(sum + share);
  }
  for (let i = at; i < at + size; i++) scores[i] = scores[i]! / sum;
}

export function createLinear(step: StepOf<"linear">, resolve: Resolve): Run {
  const source = resolve(step.in);
  const { coefficients, intercepts, inner, post, labels } = step;
  const label = step.label === null ? undefined : resolve(step.label);
  const scores = step.scores === null ? undefined : resolve(step.scores);
  const targets = intercepts.length;
  const raw = new Float32Array(targets);
  const isPair = labels?.length === 2 && targets === 1;

  function writePair(row: number): void {
    const score = raw[0]!;
    if (label !== undefined) label.data[row] = labels?.[score > 0 ? 1 : 0] ?? 0;
    if (scores === undefined) return;
    const second = post === "LOGISTIC" ? logistic(score) : score;
    scores.data[2 * row] = 1 - second;
    scores.data[2 * row + 1] = second;
  }

  function writeAll(row: number): void {
    if (label !== undefined && labels !== null) label.data[row] = labels[findGreatest(raw)] ?? 0;
    if (scores === undefined) return;
    scores.data.set(raw, row * targets);
    transform(scores.data, row * targets, targets, post);
  }

  return (count) => {
    for (let row = 0; row < count; row++) {
      const from = row * source.stride;
      for (let target = 0; target < targets; target++) {
        raw[target] = multiply(
          source.data,
          from,
          coefficients,
          target * inner,
          inner,
          intercepts[target]!,
        );
      }
      if (isPair) writePair(row);
      else writeAll(row);
    }
  };
}

/** Returns the first place of the greatest number; 0 if a NaN is first or all are NaN. */
export function findGreatest(values: ArrayLike<number>): number {
  let place = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[place]!) place = i;
  return place;
}
