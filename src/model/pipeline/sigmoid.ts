const LIMIT = 18;
const ODD = [
  4.37031012579801e-11, 1.15627324459942e-7, 6.08574864600143e-5, 0.00851377133304701,
  0.248287947061529,
].map(Math.fround);
const EVEN = [
  6.10247389755681e-13, 5.76102136993427e-9, 6.2910678501704e-6, 0.00170198817374094,
  0.116817656904453, 0.99315192102318,
].map(Math.fround);

/** Returns 1 / (1 + e^−x) with the bits of onnxruntime, which computes it in float32 as a quotient of two polynomials. */
export function sigmoid(value: number): number {
  const x = Math.min(Math.max(value, -LIMIT), LIMIT);
  const square = Math.fround(x * x);
  const upper = Math.fround(evaluate(ODD, square) * x);
  const quotient = Math.fround(upper / evaluate(EVEN, square));
  return Math.min(Math.max(Math.fround(quotient + 0.5), 0), 1);
}

function evaluate(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = Math.fround(sum * x + coefficients[i]!);
  return sum;
}

/** Returns 1 / (1 + e^−x) with the bits of onnxruntime for trees and for linear classifiers of two classes. */
export function logistic(score: number): number {
  const exponential = Math.fround(Math.exp(-Math.abs(score)));
  const upper = Math.fround(1 / Math.fround(1 + exponential));
  return score < 0 ? Math.fround(1 - upper) : upper;
}
