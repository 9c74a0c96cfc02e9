import { expect, it } from "vitest";
import { replayIris } from "../../scripts/drift/iris.ts";
import {
  countFalseAlarms,
  measureClasses,
  measureFeature,
  toQuantile,
  type Change,
} from "../../scripts/drift/simulate.ts";
import { createRandom } from "../../src/kernel/random.ts";

// A small part of `node scripts/simulate-drift.ts`, with a seed: minutes are simulated, so the results are exact.
const RUNS = 20;

it.each([
  ["unit", 150, 4],
  ["dead", 150, 4],
  ["swap", 150, 4],
  ["+1", 150, 10],
  ["+1", 1_000, 5],
] satisfies readonly (readonly [Change, number, number])[])(
  "%s is found with %i training rows within %i minutes at one row a second, and clears within 7",
  (change, rows, minutes) => {
    const options = { rows, rate: 1, tests: 4 };
    const { toAlert, toClear } = measureFeature(change, RUNS, options, createRandom(7));
    expect(toQuantile(toAlert, 0.95)).toBeLessThanOrEqual(minutes);
    expect(Math.min(...toAlert)).toBeGreaterThan(1);
    expect(Math.max(...toClear)).toBeLessThanOrEqual(7);
  },
);

it("a class that is no longer predicted is found within 6 minutes", () => {
  const options = { rows: 150, rate: 1, tests: 7 };
  const { toAlert } = measureClasses([0, 0.5, 0.5], RUNS, options, createRandom(8));
  expect(toQuantile(toAlert, 0.95)).toBeLessThanOrEqual(6);
});

it("independent rows raise no alert in a week", () => {
  const options = { rows: 150, rate: 1, features: 4 };
  expect(countFalseAlarms(1, options, createRandom(9))).toBe(0);
});

it("rows of Iris that were held out and are repeated raise no alert, because they count as few", () => {
  const { effective, counted } = replayIris(60, createRandom(12));
  expect(effective).toBe(0);
  expect(counted).toBeGreaterThan(0);
});
