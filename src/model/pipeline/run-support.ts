import type { StepOf } from "./pipeline.ts";
import { multiply, transform } from "./run-linear.ts";
import { logistic } from "./sigmoid.ts";
import type { Resolve, Run } from "./slots.ts";

type Support = StepOf<"support">;

/** Creates the loop of a support-vector machine: a classifier if it has counts of vectors, else a regressor. */
export function createSupport(step: Support, resolve: Resolve): Run {
  const source = resolve(step.in);
  const { vectors, inner, coefficients, rho, counts } = step;
  const size = vectors.length / inner;
  const kernels = new Float32Array(size);
  const compare = toKernel(step);
  const write = counts.length === 0 ? toRegression() : toClassification(step, kernels, resolve);

  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < size; i++) kernels[i] = compare(row * source.stride, i * inner);
      write(row);
    }
  };

  function toRegression(): (row: number) => void {
    const scores = step.scores === null ? undefined : resolve(step.scores);
    return (row) => {
      const sum = multiply(kernels, 0, coefficients, 0, size, rho[0]!);
      if (scores !== undefined) scores.data[row] = step.isOneClass ? (sum > 0 ? 1 : -1) : sum;
    };
  }

  function toKernel({
    kernel,
    gamma,
    offset,
    degree,
  }: Support): (row: number, at: number) => number {
    const { data } = source;
    if (kernel === "RBF") {
      return (row, at) => {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const difference = Math.fround(Math.fround(data[row + k]!) - vectors[at + k]!);
          sum = Math.fround(sum + Math.fround(difference * difference));
        }
        return Math.exp(-gamma * sum);
      };
    }
    const dot = (row: number, at: number): number => multiply(data, row, vectors, at, inner, 0);
    if (kernel === "LINEAR") return dot;
    const shift = (row: number, at: number): number =>
      Math.fround(Math.fround(gamma * dot(row, at)) + offset);
    if (kernel === "POLY") return (row, at) => shift(row, at) ** degree;
    return (row, at) => Math.tanh(shift(row, at));
  }
}

function toClassification(
  step: Support,
  kernels: Float32Array,
  resolve: Resolve,
): (row: number) => void {
  const { counts, coefficients, rho, probabilityA, probabilityB, labels, post } = step;
  const label = step.label === null ? undefined : resolve(step.label);
  const scores = step.scores === null ? undefined : resolve(step.scores);
  const classes = counts.length;
  const size = kernels.length;
  const starts = counts.map((_, i) => counts.subarray(0, i).reduce((sum, each) => sum + each, 0));
  const pairs = (classes * (classes - 1)) / 2;
  const decisions = new Float32Array(pairs);
  const votes = new Int32Array(classes);

  function decide(): void {
    votes.fill(0);
    let pair = 0;
    for (let i = 0; i < classes; i++) {
      for (let j = i + 1; j < classes; j++, pair++) {
        let sum = 0;
        for (let m = starts[i]!; m < starts[i]! + counts[i]!; m++) {
          sum += coefficients[size * (j - 1) + m]! * kernels[m]!;
        }
        for (let m = starts[j]!; m < starts[j]! + counts[j]!; m++) {
          sum += coefficients[size * i + m]! * kernels[m]!;
        }
        decisions[pair] = sum + rho[pair]!;
        const winner = decisions[pair]! > 0 ? i : j;
        votes[winner] = votes[winner]! + 1;
      }
    }
  }

  return (row) => {
    decide();
    if (label !== undefined && labels !== null) {
      let best = 0;
      for (let i = 1; i < classes; i++) if (votes[i]! > votes[best]!) best = i;
      label.data[row] = labels[best]!;
    }
    if (scores === undefined) return;
    const at = row * scores.width;
    if (probabilityA !== null && probabilityB !== null) {
      scores.data.set(couple(decisions, probabilityA, probabilityB, classes), at);
    } else if (classes === 2) {
      scores.data[at] = -decisions[0]!;
      scores.data[at + 1] = decisions[0]!;
    } else {
      scores.data.set(decisions, at);
      transform(scores.data, at, scores.width, post);
    }
  };
}

const LEAST = Math.fround(1e-7);

/** Returns class probabilities from the decisions of all pairs, by the method of libsvm (Wu, Lin, Weng 2004). */
function couple(
  decisions: Float32Array,
  probabilityA: Float32Array,
  probabilityB: Float32Array,
  classes: number,
): Float64Array {
  const pairs = new Float64Array(classes * classes);
  let pair = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, pair++) {
      const score = Math.fround(
        Math.fround(decisions[pair]! * probabilityA[pair]!) + probabilityB[pair]!,
      );
      const share = Math.min(Math.max(1 - logistic(score), LEAST), 1 - LEAST);
      pairs[i * classes + j] = share;
      pairs[j * classes + i] = 1 - share;
    }
  }
  return solve(pairs, classes);
}

function solve(pairs: Float64Array, classes: number): Float64Array {
  const matrix = new Float64Array(classes * classes);
  for (let t = 0; t < classes; t++) {
    for (let j = 0; j < classes; j++) {
      if (j === t) continue;
      const other = pairs[j * classes + t]!;
      matrix[t * classes + t] = matrix[t * classes + t]! + other * other;
      matrix[t * classes + j] = -other * pairs[t * classes + j]!;
    }
  }
  const result = new Float64Array(classes).fill(1 / classes);
  const products = new Float64Array(classes);
  const limit = 0.005 / classes;
  for (let iteration = 0; iteration < 100; iteration++) {
    let total = 0;
    for (let t = 0; t < classes; t++) {
      let sum = 0;
      for (let j = 0; j < classes; j++) sum += matrix[t * classes + j]! * result[j]!;
      products[t] = sum;
      total += result[t]! * sum;
    }
    let greatest = 0;
    // NaN does not count: a row of NaN keeps equal probabilities.
    for (const product of products) {
      const error = Math.abs(product - total);
      if (error > greatest) greatest = error;
    }
    if (greatest < limit) break;
    for (let t = 0; t < classes; t++) {
      const diagonal = matrix[t * classes + t]!;
      const step = (total - products[t]!) / diagonal;
      result[t] = result[t]! + step;
      total = (total + step * (step * diagonal + 2 * products[t]!)) / (1 + step) / (1 + step);
      for (let j = 0; j < classes; j++) {
        products[j] = (products[j]! + step * matrix[t * classes + j]!) / (1 + step);
        result[j] = result[j]! / (1 + step);
      }
    }
  }
  return result;
}
