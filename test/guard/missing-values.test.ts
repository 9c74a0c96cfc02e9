import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/kernel/random.ts";
import { createFittedGuard, createNormalSource } from "./data.ts";
import {
  createMixedGuard,
  createNumberSource,
  createPassengerSource,
  toMixedPValues,
} from "./mixed-data.ts";

const ROWS = 400;
const FRESH = 200;
const SETS = 8;

describe.for([
  ["numbers", createNumberSource],
  ["numbers and categories", createPassengerSource],
] as const)("rows of %s", ([name, createSource]) => {
  test.for([0, 0.1, 0.3])(
    "are flagged at a rate of α with a share of %d missing",
    async (missing, { annotate }) => {
      let checked = 0;
      const flagged = [0, 0];
      for (let seed = 0; seed < SETS; seed++) {
        const source = createSource(createRandom(100 + seed));
        const guard = createMixedGuard(source.draw(ROWS, missing), source.features);
        for (const p of toMixedPValues(guard, source.draw(FRESH, missing))) {
          checked += 1;
          if (p <= 0.05) flagged[0]! += 1;
          if (p <= 0.01) flagged[1]! += 1;
        }
      }
      const rates = flagged.map((number) => number / checked);
      await annotate(`${name}, ${missing}: ${rates.map((rate) => rate.toFixed(4)).join(", ")}`);
      expect(checked).toBeGreaterThan(SETS * FRESH * 0.99);
      // Errors of the fresh rows and of the calibration rows, of which there are at least 100.
      for (const [i, alpha] of [0.05, 0.01].entries()) {
        const error = Math.sqrt(((alpha * (1 - alpha)) / SETS) * (1 / FRESH + 1 / 100));
        expect(Math.abs(rates[i]! - alpha)).toBeLessThan(3 * error);
      }
    },
  );

  test("are flagged with one value missing, if two others are far outside", () => {
    const random = createRandom(7);
    const source = createSource(random);
    const training = source.draw(ROWS, 0.1);
    const guard = createMixedGuard(training, source.features);
    const { values } = source.draw(100, 0);
    let flagged = 0;
    for (let row = 0; row < 100; row++) {
      const far = values.slice(row * 8, row * 8 + 8);
      // The first four features are numbers.
      for (const feature of [row % 4, (row + 1) % 4]) {
        far[feature]! += (random.below(2) === 0 ? 7 : -7) * toDeviation(training.values, feature);
      }
      far[(row + 2) % 4] = Number.NaN;
      if (guard.pValue(far, 0) <= 0.01) flagged += 1;
    }
    expect(flagged).toBeGreaterThanOrEqual(97);
  });
});

test("few rows with many features are not flagged more often with values missing", async ({
  annotate,
}) => {
  const random = createRandom(11);
  const all = Array.from({ length: 4 }, () => {
    const draw = createNormalSource(30, 2, random);
    const guard = createFittedGuard(draw(100));
    const { values } = draw(100);
    const holes = values.map((value) => (random.uniform() < 0.1 ? Number.NaN : value));
    return toMixedPValues(guard, { values: holes, count: 100, width: 30 });
  });
  const flagged = all.flatMap((pValues) => [...pValues]).filter((p) => p <= 0.05).length;
  await annotate(`${flagged} of 400`);
  // 20 on average; 57 without the correction for the influence of training rows on the fit.
  expect(flagged).toBeLessThan(36);
});

function toDeviation(values: Float64Array, feature: number): number {
  const column = values.filter((value, at) => at % 8 === feature && !Number.isNaN(value));
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const squares = column.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / column.length);
}
