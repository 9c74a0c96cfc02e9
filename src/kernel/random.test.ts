import { describe, expect, it } from "vitest";
import { createId, createRandom } from "./random.ts";

const draw = (seed: number, stream = 0, count = 1_000): number[] => {
  const random = createRandom(seed, stream);
  return Array.from({ length: count }, () => random.uint32());
};

describe("createRandom", () => {
  it("repeats numbers for the same seed and stream only", () => {
    expect(draw(42)).toEqual(draw(42));
    const firsts = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      for (let stream = 0; stream < 100; stream++) firsts.add(draw(seed, stream, 1)[0] ?? 0);
    }
    expect(firsts.size).toBeGreaterThan(9_990);
  });

  it("starts neighbouring streams at unrelated points, also for seed 0", () => {
    for (const seed of [0, 1, 42]) {
      const all = Array.from({ length: 50 }, (_, stream) => draw(seed, stream, 8)).flat();
      expect(new Set(all).size).toBe(all.length);
      const means = Array.from({ length: 400 }, (_, stream) => draw(seed, stream, 1)[0] ?? 0);
      const mean = means.reduce((sum, value) => sum + value, 0) / means.length / 2 ** 32;
      // Four standard errors of the mean of 400 uniform numbers.
      expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 400));
    }
  });

  it("is uniform: mean, variance, and each of 64 cells (χ² below its 1 − 10⁻⁶ quantile, 127)", () => {
    const random = createRandom(7);
    const count = 100_000;
    const cells = new Float64Array(64);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const value = random.uniform();
      cells[Math.floor(value * 64)]! += 1;
      sum += value;
      squares += value * value;
    }
    expect(sum / count).toBeCloseTo(0.5, 2);
    expect(squares / count - (sum / count) ** 2).toBeCloseTo(1 / 12, 2);
    const expected = count / 64;
    const chi2 = cells.reduce((total, n) => total + (n - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(127);
  });

  it("draws normal numbers with mean 0 and variance 1", () => {
    const random = createRandom(9);
    const values = Array.from({ length: 50_000 }, () => random.normal());
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("shuffles into every order and keeps the values", () => {
    const random = createRandom(1);
    const seen = new Set<string>();
    for (let i = 0; i < 1_000; i++) seen.add(random.shuffle([1, 2, 3]).join(""));
    expect([...seen].toSorted()).toEqual(["123", "132", "213", "231", "312", "321"]);
  });
});

describe("createId", () => {
  it("returns 32 hexadecimal digits, and never the same twice", () => {
    const ids = Array.from({ length: 2_000 }, createId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
