import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import type { GrowingTarget } from "./growing-set.ts";
import { createGroupSplitter } from "./split-groups.ts";
import { type BestSplit, createBestSplit } from "./split.ts";

interface NodeRow {
  readonly rank: number;
  readonly label: number;
  readonly weight: number;
}

const GROUPS = 7;

function toTarget(rows: readonly NodeRow[], classes: number): GrowingTarget {
  const labels = rows.map(({ label }) => label);
  return classes === 0
    ? { task: "regression", values: Float64Array.from(labels) }
    : { task: "classification", labels: Int32Array.from(labels), outputs: classes };
}

function search(rows: readonly NodeRow[], classes: number, minSamplesLeaf = 1): BestSplit {
  const weights = Int32Array.from(rows, ({ weight }) => weight);
  const splitter = createGroupSplitter(toTarget(rows, classes), weights, GROUPS);
  const best = createBestSplit(GROUPS);
  const column = Uint16Array.from(rows, ({ rank }) => rank);
  const samples = Int32Array.from(rows.keys());
  splitter.scan(column, samples, 0, rows.length, minSamplesLeaf, 3, best);
  return best;
}

/** Returns the purity of a part, from the definition: weight × (1 − Gini), or (Σwy)² / Σw. */
function purity(rows: readonly NodeRow[], classes: number): number {
  const weight = rows.reduce((sum, row) => sum + row.weight, 0);
  const total = (chosen: readonly NodeRow[], isSum: boolean): number =>
    chosen.reduce((sum, row) => sum + row.weight * (isSum ? row.label : 1), 0);
  if (classes === 0) return total(rows, true) ** 2 / weight;
  const squares = Array.from({ length: classes }, (_, c) =>
    total(
      rows.filter(({ label }) => label === c),
      false,
    ),
  ).reduce((sum, count) => sum + count ** 2, 0);
  return squares / weight;
}

/** Tries all sets of ranks. */
function searchAll(rows: readonly NodeRow[], classes: number): number {
  let best = -Infinity;
  for (let set = 1; set < 1 << GROUPS; set++) {
    const inside = rows.filter(({ rank }) => (set >> rank) & 1);
    const outside = rows.filter(({ rank }) => !((set >> rank) & 1));
    if (inside.length === 0 || outside.length === 0) continue;
    best = Math.max(best, purity(inside, classes) + purity(outside, classes));
  }
  return best;
}

const toRows = (labels: number): fc.Arbitrary<NodeRow[]> =>
  fc.array(
    fc.record({
      rank: fc.nat({ max: GROUPS - 1 }),
      label: fc.nat({ max: labels - 1 }),
      weight: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 2, maxLength: 25 },
  );

const isSplittable = (rows: readonly NodeRow[]): boolean =>
  new Set(rows.map(({ rank }) => rank)).size > 1 &&
  new Set(rows.map(({ label }) => label)).size > 1;

describe("createGroupSplitter", () => {
  it.each([
    ["two classes", 2, 2],
    ["a regression", 0, 9],
  ])("finds the best of all sets for %s", (_, classes, labels) => {
    fc.assert(
      fc.property(toRows(labels).filter(isSplittable), (rows) => {
        const best = search(rows, classes);
        expect(best.score).toBeCloseTo(searchAll(rows, classes), 8);
        expect(best.feature).toBe(3);
      }),
      { numRuns: 80 },
    );
  });

  it.each([3, 12])("stores the smaller side, whose purity is the score: %d classes", (classes) => {
    fc.assert(
      fc.property(toRows(classes).filter(isSplittable), (rows) => {
        const { set, setSize, score } = search(rows, classes);
        const members = [...set.subarray(0, setSize)];
        const inside = rows.filter(({ rank }) => members.includes(rank));
        const outside = rows.filter(({ rank }) => !members.includes(rank));
        expect(members).toEqual(members.toSorted((a, b) => a - b));
        expect(inside.length).toBeLessThanOrEqual(outside.length);
        expect(purity(inside, classes) + purity(outside, classes)).toBeCloseTo(score, 8);
      }),
      { numRuns: 80 },
    );
  });

  it("reaches 99 % of the best gain with five classes", () => {
    const random = createRandom(11);
    let found = 0;
    let possible = 0;
    for (let node = 0; node < 60; node++) {
      const rows = Array.from({ length: 80 }, () => ({
        rank: random.below(GROUPS),
        label: random.below(5),
        weight: 1,
      })).map((row) => (random.below(2) === 0 ? row : { ...row, label: (row.rank * 3) % 5 }));
      const whole = purity(rows, 5);
      found += search(rows, 5).score - whole;
      possible += searchAll(rows, 5) - whole;
    }
    expect(found / possible).toBeGreaterThan(0.99);
    expect(found).toBeLessThanOrEqual(possible + 1e-9);
  });

  it("needs memory by the number of rows, not by groups × classes", () => {
    const size = 4_000;
    const rows = Int32Array.from({ length: 2 * size }, (_, i) => i);
    const labels = rows.map((row) => (row * 7) % size);
    const column = Uint16Array.from(rows, (row) => row % size);
    const before = process.memoryUsage().arrayBuffers;
    const target = { task: "classification", labels, outputs: size } as const;
    const splitter = createGroupSplitter(target, new Int32Array(rows.length).fill(1), size);
    const best = createBestSplit(size);
    splitter.scan(column, rows, 0, rows.length, 1, 0, best);
    // Groups × classes are 16 million sums of 8 bytes.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16e6);
    expect(best.setSize).toBeGreaterThan(0);
  });

  it("keeps the minimum number of rows on each side", () => {
    const rows = [0, 0, 0, 1, 2, 2].map((rank) => ({ rank, label: rank === 1 ? 1 : 0, weight: 1 }));
    expect([...search(rows, 2).set.subarray(0, 1)]).toEqual([1]);
    expect(search(rows, 2, 2).setSize).toBeGreaterThan(0);
    const { set, setSize } = search(rows, 2, 2);
    const inside = rows.filter(({ rank }) => set.subarray(0, setSize).includes(rank));
    expect(inside.length).toBeGreaterThanOrEqual(2);
    expect(search(rows, 2, 4)).toMatchObject({ feature: -1, setSize: 0 });
  });
});
