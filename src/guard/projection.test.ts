import { expect, test } from "vitest";
import { toMissingBasis, removeDirections } from "./projection.ts";
import { whiten, type Whitening } from "./whitening.ts";

// W = [[2, 0], [3, 5]], so the covariance is W⁻¹·W⁻ᵀ = [[1/4, -3/20], [-3/20, 13/100]].
const WHITENING: Whitening = {
  width: 2,
  centre: Float64Array.of(0, 0),
  matrix: Float64Array.of(2, 3, 5),
};

test.each([
  [1, 0, 1 / 4],
  [0, 1, 13 / 100],
])(
  "without column %i, a distance in the other one has the unit of its deviation",
  (missing, present, variance) => {
    const basis = toMissingBasis(WHITENING, [missing]);
    for (const other of [0, -4, 1e6]) {
      const row = new Float64Array(2);
      row[present] = 7;
      row[missing] = other;
      const whitened = new Float64Array(2);
      whiten(WHITENING, row, 0, whitened, 0, new Float64Array(2));
      removeDirections(basis, 1, 2, whitened, 0);
      expect(Math.hypot(...whitened)).toBeCloseTo(7 / Math.sqrt(variance), 8);
    }
  },
);
