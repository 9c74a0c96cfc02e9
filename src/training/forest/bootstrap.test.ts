import { expect, it } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import { drawBootstrap } from "./bootstrap.ts";

it("draws as many rows as there are, with replacement", () => {
  const count = 20_000;
  const weights = new Int32Array(count).fill(9);
  const samples = new Int32Array(count);
  const drawn = drawBootstrap(createRandom(1), weights, samples);

  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(count);
  const expected = [...weights.keys()].filter((row) => (weights[row] ?? 0) > 0);
  expect([...samples.subarray(0, drawn)]).toEqual(expected);
  // Binomial(n, 1/n): 1/e of the rows never, 1/e once, 1/2e twice; five standard deviations are .017.
  const share = (times: number): number => weights.filter((w) => w === times).length / count;
  expect(Math.abs(share(0) - Math.exp(-1))).toBeLessThan(0.017);
  expect(Math.abs(share(1) - Math.exp(-1))).toBeLessThan(0.017);
  expect(Math.abs(share(2) - Math.exp(-1) / 2)).toBeLessThan(0.017);
});
