import { describe, expect, it } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import { drawBootstrap } from "./bootstrap.ts";
import { createTreeGrower } from "./grow-tree.ts";
import { resolveForestOptions } from "./options.ts";
import { toRankedColumns } from "./ranked-columns.ts";

const COUNT = 80;
const WIDTH = 4;
const CLASSES = 3;
const random = createRandom(9);
// Multiples of one half: few distinct values, so that there are ties.
const values = Float64Array.from({ length: COUNT * WIDTH }, () => random.below(20) / 2);
const labels = Int32Array.from({ length: COUNT }, () => random.below(CLASSES));
const at = (row: number, f: number): number => values[row * WIDTH + f] ?? Number.NaN;

const options = resolveForestOptions(
  { maxFeatures: "all", minSamplesLeaf: 2 },
  { task: "classification", rows: COUNT, features: WIDTH },
);
const columns = await toRankedColumns({ values, count: COUNT, width: WIDTH }, () =>
  Promise.resolve(),
);
const grow = createTreeGrower(
  {
    columns,
    target: { task: "classification", labels, outputs: CLASSES },
  },
  options,
);

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

describe("createTreeGrower, with all features tried at each node", () => {
  it.each([0, 1, 7])(
    "makes the purest split of every node of tree %d, by the definition",
    (tree) => {
      const weights = new Int32Array(COUNT);
      const samples = new Int32Array(COUNT);
      const drawn = drawBootstrap(createRandom(options.seed, tree), weights, samples);
      const grown = grow(tree);
      const gains = zeros(WIDTH);

      const weigh = (rows: number[]): number[] => {
        const counts = zeros(CLASSES);
        for (const row of rows) {
          const label = labels[row] ?? -1;
          counts[label] = (counts[label] ?? 0) + (weights[row] ?? 0);
        }
        return counts;
      };
      const impurity = (rows: number[]): number => {
        const counts = weigh(rows);
        const whole = counts.reduce((sum, n) => sum + n, 0);
        return whole * (1 - counts.reduce((sum, n) => sum + (n / whole) ** 2, 0));
      };
      const decrease = (rows: number[], f: number, cut: number): number => {
        const low = rows.filter((row) => at(row, f) <= cut);
        const high = rows.filter((row) => at(row, f) > cut);
        if (low.length < 2 || high.length < 2) return -Infinity;
        return impurity(rows) - impurity(low) - impurity(high);
      };
      const most = (rows: number[]): number => {
        const cuts = [0, 1, 2, 3].flatMap((f) => rows.map((row) => decrease(rows, f, at(row, f))));
        return Math.max(...cuts);
      };

      const leaves: { votes: number[]; shares: number[]; gain: number }[] = [];
      const branches: { gain: number; most: number; threshold: number; middle: number }[] = [];
      const visit = (node: number, rows: number[]): void => {
        const feature = grown.feature[node] ?? -2;
        if (feature === -1) {
          const counts = weigh(rows);
          const whole = counts.reduce((sum, n) => sum + n, 0);
          const votes = zeros(CLASSES);
          for (let v = grown.voteStart[node] ?? 0; v < (grown.voteStart[node + 1] ?? 0); v++) {
            votes[grown.voteOutput[v] ?? -1] = grown.voteWeight[v] ?? 0;
          }
          const gain = impurity(rows) === 0 ? -Infinity : most(rows);
          leaves.push({ votes, shares: counts.map((n) => n / whole), gain });
          return;
        }
        const threshold = grown.threshold[node] ?? Number.NaN;
        const gain = decrease(rows, feature, threshold);
        gains[feature] = (gains[feature] ?? 0) + gain;
        const low = rows.filter((row) => at(row, feature) <= threshold);
        const high = rows.filter((row) => at(row, feature) > threshold);
        const below = Math.max(...low.map((row) => at(row, feature)));
        const above = Math.min(...high.map((row) => at(row, feature)));
        branches.push({ gain, most: most(rows), threshold, middle: (below + above) / 2 });
        visit(grown.trueChild[node] ?? -1, low);
        visit(grown.falseChild[node] ?? -1, high);
      };
      visit(0, [...samples.subarray(0, drawn)]);

      expect(branches.length).toBeGreaterThan(8);
      for (const branch of branches) {
        expect(branch.gain).toBeCloseTo(branch.most, 9);
        expect(branch.threshold).toBe(branch.middle);
      }
      for (const { votes, shares, gain } of leaves) {
        expect(votes).toEqual(shares);
        // No split was left.
        expect(gain).toBe(-Infinity);
      }
      for (const [f, gain] of grown.gains.entries()) expect(gain).toBeCloseTo(gains[f] ?? -1, 8);

      for (const [row, leaf] of grown.outOfBagLeaf.entries()) {
        let node = (weights[row] ?? 0) > 0 ? -1 : 0;
        while ((grown.feature[node] ?? -1) >= 0) {
          const isTrue =
            at(row, grown.feature[node] ?? -1) <= (grown.threshold[node] ?? Number.NaN);
          node = (isTrue ? grown.trueChild : grown.falseChild)[node] ?? -1;
        }
        expect(leaf).toBe(node);
      }
    },
  );

  it("grows the same tree after any other trees", () => {
    const first = grow(3);
    grow(4);
    expect(grow(3)).toEqual(first);
  });
});

/** Counts, in 200 trees, the roots that test the last feature, the only one that decides. */
function shareOfDecider(maxFeatures: number): number {
  const decided = labels.map((_, row) => (at(row, 3) > 4 ? 1 : 0));
  const growStump = createTreeGrower(
    { columns, target: { task: "classification", labels: decided, outputs: 2 } },
    { ...options, maxFeatures, maxDepth: 1 },
  );
  const roots = Array.from({ length: 200 }, (_, tree) => growStump(tree).feature[0]);
  return roots.filter((feature) => feature === 3).length / roots.length;
}

it("tries only `maxFeatures` features in a node that one of them can split", () => {
  expect(shareOfDecider(4)).toBe(1);
  // Five standard deviations of a share of 200 are at most .18.
  expect(Math.abs(shareOfDecider(2) - 0.5)).toBeLessThan(0.18);
  expect(Math.abs(shareOfDecider(1) - 0.25)).toBeLessThan(0.18);
});

it("draws all features equally often, at every node", () => {
  const shape = { task: "classification", rows: COUNT, features: WIDTH } as const;
  const growNoise = createTreeGrower(
    {
      columns,
      target: { task: "classification", labels, outputs: CLASSES },
    },
    resolveForestOptions({ maxFeatures: 1 }, shape),
  );
  const tested = Array.from({ length: 100 }, (_, tree) => [...growNoise(tree).feature]).flat();
  const branches = tested.filter((feature) => feature >= 0);
  expect(branches.length).toBeGreaterThan(2_000);
  for (const feature of [0, 1, 2, 3]) {
    const share = branches.filter((f) => f === feature).length / branches.length;
    // Five standard deviations.
    expect(Math.abs(share - 0.25)).toBeLessThan(0.05);
  }
});
