import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRankOrder } from "./rank-order.ts";
import { createGiniCriterion } from "./split-classes.ts";
import { createVarianceCriterion } from "./split-values.ts";
import { createBestSplit, type BestSplit, type Criterion, toThreshold } from "./split.ts";

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

describe("toThreshold", () => {
  it("lies in [lower, upper) and is a float32 number", () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        fc.pre(a !== b);
        const [lower, upper] = a < b ? [a, b] : [b, a];
        const threshold = toThreshold(lower, upper);
        expect(lower <= threshold && threshold < upper).toBe(true);
        expect(Math.fround(threshold)).toBe(threshold);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    { lower: 1, upper: 2, threshold: 1.5 },
    { lower: -3.4028234663852886e38, upper: 3.4028234663852886e38, threshold: 0 },
    { lower: 3e38, upper: 3.4e38, threshold: Math.fround(3.2e38) },
    // Adjacent numbers: the middle rounds to the even one, here the upper.
    { lower: 1 + 2 ** -23, upper: 1 + 2 ** -22, threshold: 1 + 2 ** -23 },
    { lower: 0, upper: 2 ** -149, threshold: 0 },
    { lower: 5, upper: Number.NaN, threshold: 5 },
  ])("is $threshold between $lower and $upper", ({ lower, upper, threshold }) => {
    const float = Math.fround;
    expect(toThreshold(float(lower), float(upper))).toBe(threshold);
  });
});

/** Weighted rows of one feature. */
const nodeRow = fc.record({
  rank: fc.nat({ max: 9 }),
  label: fc.nat({ max: 2 }),
  weight: fc.integer({ min: 1, max: 4 }),
});
type NodeRow = { rank: number; label: number; weight: number };
const nodeRows = fc.array(nodeRow, { minLength: 2, maxLength: 40 });
const weightOf = (rows: NodeRow[]): number => rows.reduce((sum, { weight }) => sum + weight, 0);

/** Returns Σ weight × Gini impurity, from the definition. */
function gini(rows: NodeRow[]): number {
  const whole = weightOf(rows);
  const shares = [0, 1, 2].map((c) => weightOf(rows.filter(({ label }) => label === c)) / whole);
  return whole * (1 - shares.reduce((sum, share) => sum + share ** 2, 0));
}

/** Returns Σ weight × variance, from the definition, with the label as a number. */
function variance(rows: NodeRow[]): number {
  const mean = rows.reduce((sum, r) => sum + r.weight * r.label, 0) / weightOf(rows);
  return rows.reduce((sum, r) => sum + r.weight * (r.label - mean) ** 2, 0);
}

function search(criterion: Criterion, rows: NodeRow[], minSamplesLeaf: number): BestSplit {
  const order = createRankOrder(rows.length, 10);
  const samples = Int32Array.from(rows.keys());
  const column = Uint16Array.from(rows, ({ rank }) => rank);
  const best = createBestSplit(0);
  criterion.enter(samples, 0, rows.length);
  order.sort(column, 10, samples, 0, rows.length);
  criterion.scan(order, rows.length, minSamplesLeaf, 7, best);
  return best;
}

const weightsOf = (rows: NodeRow[]): Int32Array => Int32Array.from(rows, ({ weight }) => weight);

describe.each([
  {
    name: "createGiniCriterion",
    impurity: gini,
    create: (rows: NodeRow[]) =>
      createGiniCriterion(
        Int32Array.from(rows, ({ label }) => label),
        3,
        weightsOf(rows),
      ),
  },
  {
    name: "createVarianceCriterion",
    impurity: variance,
    create: (rows: NodeRow[]) =>
      createVarianceCriterion(
        Float64Array.from(rows, ({ label }) => label),
        weightsOf(rows),
      ),
  },
])("$name", ({ impurity, create }) => {
  it("finds the cut with the least impurity, like a search over all cuts by the definition", () => {
    fc.assert(
      fc.property(nodeRows, fc.integer({ min: 1, max: 6 }), (rows, minSamplesLeaf) => {
        const criterion = create(rows);
        const best = search(criterion, rows, minSamplesLeaf);
        const decreases = [...new Set(rows.map(({ rank }) => rank))].flatMap((cut) => {
          const low = rows.filter(({ rank }) => rank <= cut);
          const high = rows.filter(({ rank }) => rank > cut);
          const allowed = Math.min(low.length, high.length) >= minSamplesLeaf;
          return allowed ? [{ cut, by: impurity(rows) - impurity(low) - impurity(high) }] : [];
        });
        expect(best.feature).toBe(decreases.length === 0 ? -1 : 7);
        fc.pre(decreases.length > 0);
        const most = Math.max(...decreases.map(({ by }) => by));
        expect(best.score - criterion.purity()).toBeCloseTo(most, 9);
        expect(decreases.find(({ cut }) => cut === best.lowerRank)?.by).toBeCloseTo(most, 9);
        const above = rows.map(({ rank }) => rank).filter((rank) => rank > best.lowerRank);
        expect(best.upperRank).toBe(Math.min(...above));
      }),
    );
  });

  it("keeps the first of equal cuts", () => {
    const rows = [0, 1, 0].map((label, rank) => ({ label, rank, weight: 1 }));
    expect(search(create(rows), rows, 1)).toMatchObject({ lowerRank: 0, upperRank: 1 });
  });

  it("reports a node that cannot be split", () => {
    for (const [last, isMixed] of [[1, false] as const, [2, true] as const]) {
      const rows = [1, 1, last].map((label, rank) => ({ label, rank, weight: 2 }));
      expect(create(rows).enter(Int32Array.from(rows.keys()), 0, 3)).toBe(isMixed);
    }
  });
});

function voteOf(criterion: Criterion): number[][] {
  const votes: number[][] = [];
  criterion.enter(Int32Array.of(0, 1, 2), 0, 3);
  criterion.vote((output, weight) => votes.push([output, weight]));
  return votes;
}

it("votes with the weighted share of each class, or the weighted mean", () => {
  const labels = [2, 0, 2, 2];
  const weights = Int32Array.of(1, 3, 2, 2);
  expect(voteOf(createGiniCriterion(Int32Array.from(labels), 3, weights))).toEqual([
    [0, 0.5],
    [2, 0.5],
  ]);
  expect(voteOf(createVarianceCriterion(Float64Array.from(labels), weights))).toEqual([[0, 1]]);
});
