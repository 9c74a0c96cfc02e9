import { expect, test } from "vitest";
import { createNormalSource } from "../../../test/guard/data.ts";
import { createRandom } from "../../kernel/random.ts";
import { createInverseCholesky } from "./cholesky.ts";
import { createRowRemoval, toCentredRows } from "./leave-one-out.ts";
import { fitMahalanobis } from "./fit-mahalanobis.ts";

const RHO = 0.2;
const WIDTH = 3;
const COUNT = 12;

/** Returns (1 − ρ)·S + ρ·share·I of class-centred rows without the row `left`, without shortcuts. */
function toCovariance(
  values: Float64Array,
  labels: Int32Array,
  left: number,
  share: number,
): { covariance: Float64Array; means: Float64Array[] } {
  const kept = [...labels.keys()].filter((row) => row !== left);
  const means = [0, 1].map((label) => {
    const own = kept.filter((row) => labels[row] === label);
    return Float64Array.from(
      { length: WIDTH },
      (_, j) => own.reduce((sum, row) => sum + (values[row * WIDTH + j] ?? 0), 0) / own.length,
    );
  });
  const covariance = new Float64Array(WIDTH * WIDTH);
  for (const row of kept) {
    const u = means[labels[row] ?? 0]?.map((mean, j) => (values[row * WIDTH + j] ?? 0) - mean);
    for (let at = 0; at < covariance.length; at++) {
      const product = (u?.[Math.floor(at / WIDTH)] ?? 0) * (u?.[at % WIDTH] ?? 0);
      covariance[at]! += ((1 - RHO) * product) / kept.length;
    }
  }
  for (let j = 0; j < WIDTH; j++) covariance[j * WIDTH + j]! += RHO * share;
  return { covariance, means };
}

function toSquared(inverse: Float64Array, v: Float64Array): number {
  let squared = 0;
  for (let i = 0, at = 0; i < WIDTH; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++, at++) sum += (inverse[at] ?? 0) * (v[j] ?? 0);
    squared += sum * sum;
  }
  return squared;
}

test("the removal of a row from the covariance equals a fit without the row", () => {
  const { values, labels } = createNormalSource(WIDTH, 2, createRandom(3))(COUNT);
  if (labels === null) throw new Error("The source labels its rows.");
  const whole = toCovariance(values, labels, -1, 1);
  const inverse = createInverseCholesky(whole.covariance, WIDTH);
  const toWhite = (v: Float64Array): Float64Array =>
    Float64Array.from({ length: WIDTH }, (_, i) => {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += (inverse[(i * (i + 1)) / 2 + j] ?? 0) * (v[j] ?? 0);
      return sum;
    });
  const whitened = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += WIDTH) {
    whitened.set(toWhite(values.subarray(at, at + WIDTH)), at);
  }

  const toRemoval = createRowRemoval(toCentredRows(whitened, WIDTH, labels, 2), RHO);
  const fitted = fitMahalanobis(
    { width: WIDTH, centre: new Float64Array(WIDTH), matrix: inverse, shrinkage: RHO, labels },
    whitened,
    2,
  );
  const random = createRandom(4);
  for (let row = 0; row < COUNT; row++) {
    // In the closed form the shrinkage target grows by n/(n − 1), like all other terms.
    const without = toCovariance(values, labels, row, COUNT / (COUNT - 1));
    const slow = createInverseCholesky(without.covariance, WIDTH);

    const v = Float64Array.from({ length: WIDTH }, () => random.normal());
    const white = toWhite(v);
    const { weight, residual } = toRemoval(row);
    const along = white.reduce((sum, value, j) => sum + value * (residual[j] ?? 0), 0);
    const squared = white.reduce((sum, value) => sum + value * value, 0) + weight * along * along;
    expect((squared * (COUNT - 1)) / COUNT).toBeCloseTo(toSquared(slow, v), 10);

    const distances = without.means.map((mean) =>
      Math.sqrt(
        toSquared(
          slow,
          mean.map((m, j) => (values[row * WIDTH + j] ?? 0) - m),
        ),
      ),
    );
    expect(fitted.calibration[row]).toBeCloseTo(Math.min(...distances), 10);
  }
});

test("the removal of the only row of a class changes no distance", () => {
  const rows = Float64Array.of(0, 2, 7);
  const removal = createRowRemoval(toCentredRows(rows, 1, Int32Array.of(0, 0, 1), 2), 0)(2);
  expect(removal.weight).toBe(0);
});
