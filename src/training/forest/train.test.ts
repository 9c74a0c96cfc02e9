import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import { LEAF, type TreeEnsemble } from "../../model/tree-ensemble.ts";
import { createForestExecutor } from "../../model/executor/forest-executor.ts";
import type { ForestOptions } from "../training.ts";
import { type TrainedForest, trainForest } from "./train.ts";
import type { TrainingSet } from "./training-set.ts";

/** Creates rows of noise; the first two columns decide the class, or the number. */
function createData(task: "classification" | "regression", count = 120, width = 5): TrainingSet {
  const random = createRandom(3);
  const values = Float64Array.from({ length: count * width }, () => random.normal());
  const signal = Float64Array.from({ length: count }, (_, row) => {
    return 3 * (values[row * width] ?? 0) + (values[row * width + 1] ?? 0) + 0.3 * random.normal();
  });
  const rows = { values, count, width };
  if (task === "regression") {
    return { rows, target: { task, values: signal.map((x) => 100 + x) } };
  }
  const labels = Int32Array.from(signal, (x) => (x < -2 ? 0 : x < 2 ? 1 : 2));
  return { rows, target: { task, classes: ["low", "middle", "high"], labels } };
}

/** Returns every number of a forest, in order; two forests are equal if these are. */
function toNumbers({ ensemble, importances, outOfBag }: TrainedForest): number[] {
  const { roots, mode, feature, threshold, trueChild, falseChild } = ensemble;
  const { voteStart, voteOutput, voteWeight, baseValues } = ensemble;
  const nodes = [roots, mode, feature, threshold, trueChild, falseChild];
  const votes = [voteStart, voteOutput, voteWeight, baseValues];
  const all = [...nodes, ...votes, importances, [outOfBag.rows, outOfBag.score ?? -1]];
  return all.flatMap((numbers) => Array.from(numbers));
}

/** Returns the scores of one row. */
function predict(ensemble: TreeEnsemble, row: readonly number[]): number[] {
  const scores = new Float32Array(ensemble.outputs);
  createForestExecutor(ensemble).run(Float64Array.from(row), 1, scores, new Int32Array(1));
  return [...scores];
}

const rowOf = ({ rows }: TrainingSet, row: number): number[] => [
  ...rows.values.subarray(row * rows.width, (row + 1) * rows.width),
];

/** Returns violations of the contracts of tree-ensemble.ts and assemble.ts. */
function findFaults(ensemble: TreeEnsemble): string[] {
  const { mode, feature, threshold, trueChild, falseChild, voteStart, voteWeight } = ensemble;
  const { features, outputs, roots, task } = ensemble;
  const faults = new Set<string>();
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.add(fault);
  };
  const parents = new Int32Array(mode.length);
  for (const root of roots) parents[root] = 1;
  for (const node of mode.keys()) {
    const weights = voteWeight.subarray(voteStart[node], voteStart[node + 1]);
    const sum = weights.reduce((a, b) => a + b, 0) * roots.length;
    for (const weight of weights) check(Math.fround(weight) === weight, "weight not a float32");
    if (mode[node] === LEAF) {
      check(outputs > 2 || weights.length === 1, "not one vote");
      if (outputs > 2) check(Math.abs(sum - 1) < 1e-5, "shares do not sum to 1");
      if (outputs === 2) check(sum >= 0 && sum <= 1, "not a share");
      continue;
    }
    check(mode[node] === 0, "not BRANCH_LEQ");
    check(weights.length === 0, "a branch votes");
    check((feature[node] ?? features) < features, "unknown feature");
    const value = threshold[node] ?? Number.NaN;
    check(Number.isFinite(value) && Math.fround(value) === value, "unusable threshold");
    for (const child of [trueChild[node] ?? -1, falseChild[node] ?? -1]) {
      check(child > node, "child before its parent");
      parents[child] = (parents[child] ?? 0) + 1;
    }
  }
  check(
    parents.every((n) => n === 1),
    "a node has not one parent",
  );
  check(voteStart[mode.length] === ensemble.voteOutput.length, "votes of no node");
  check(
    ensemble.voteOutput.every((output) => output < outputs),
    "unknown output",
  );
  check(task === "classification" || ensemble.baseValues.length === 1, "no base value");
  return [...faults];
}

function fail(): never {
  throw new Error("listener");
}

describe.each(["classification", "regression"] as const)("trainForest for %s", (task) => {
  const data = createData(task);

  it("returns the same numbers for any number of threads", async () => {
    const trees = 24;
    const here = await trainForest(data, { trees, threads: 0 });
    const again = await trainForest(data, { trees, threads: 0 });
    const one = await trainForest(data, { trees, threads: 1 });
    const two = await trainForest(data, { trees, threads: 2 });
    expect(toNumbers(again)).toEqual(toNumbers(here));
    expect(toNumbers(one)).toEqual(toNumbers(here));
    expect(toNumbers(two)).toEqual(toNumbers(here));
  });

  it("grows other trees for another seed, and different trees in a forest", async () => {
    const { ensemble } = await trainForest(data, { trees: 8, seed: 1 });
    const other = await trainForest(data, { trees: 8, seed: 2 });
    expect(ensemble.threshold).not.toEqual(other.ensemble.threshold);
    const rootSplits = [...ensemble.roots].map((root) => ensemble.threshold[root]);
    expect(new Set(rootSplits).size).toBeGreaterThan(4);
  });

  it("returns a valid ensemble that predicts its training rows", async () => {
    const { ensemble } = await trainForest(data, { trees: 32 });
    expect(findFaults(ensemble)).toEqual([]);
    const predictions = Array.from({ length: data.rows.count }, (_, row) =>
      predict(ensemble, rowOf(data, row)),
    );
    const { target } = data;
    const errors = predictions.map((scores, row) =>
      target.task === "classification"
        ? Number(scores.indexOf(Math.max(...scores)) !== target.labels[row])
        : Math.abs((scores[0] ?? 0) - (target.values[row] ?? 0)),
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(mean).toBeLessThan(task === "classification" ? 0.001 : 0.4);
  });

  it("finds the decisive features, and estimates its score from out-of-bag rows", async () => {
    const { importances, outOfBag } = await trainForest(data);
    const [first = 0, second = 0, ...noise] = importances;
    expect(importances.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(first).toBeGreaterThan(0.55);
    expect(second).toBeGreaterThan(Math.max(...noise));
    expect(outOfBag.rows).toBe(120);
    expect(outOfBag.score).toBeGreaterThan(0.8);
    expect(outOfBag.score).toBeLessThan(0.97);
  });

  it("respects the maximum depth and the minimum leaf size", async () => {
    const { ensemble } = await trainForest(data, { trees: 4, maxDepth: 2 });
    expect(findFaults(ensemble)).toEqual([]);
    // Two levels of branches and one of leaves.
    expect(ensemble.mode.length).toBeGreaterThan(4 * 3);
    expect(ensemble.mode.length).toBeLessThanOrEqual(4 * 7);
    const stumps = await trainForest(data, { trees: 4, minSamplesLeaf: 1_000 });
    expect([...stumps.ensemble.mode]).toEqual([LEAF, LEAF, LEAF, LEAF]);
    expect([...stumps.importances]).toEqual([0, 0, 0, 0, 0]);
  });

  it.each([0, 2])("can be cancelled with %d threads", async (threads) => {
    const abort = new AbortController();
    const large = createData(task, 2_000, 10);
    const onProgress = (done: number): void => {
      if (done === 3) abort.abort();
    };
    const training = trainForest(
      large,
      { trees: 10_000, threads },
      { signal: abort.signal, onProgress },
    );
    await expect(training).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(trainForest(data, {}, { signal: abort.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  it.each([0, 2])(
    "reports progress, and rethrows errors of the callback (%d threads)",
    async (threads) => {
      const seen: number[] = [];
      await trainForest(data, { trees: 5, threads }, { onProgress: (done) => seen.push(done) });
      expect(seen).toEqual([1, 2, 3, 4, 5]);
      await expect(trainForest(data, { threads }, { onProgress: fail })).rejects.toThrow(
        "listener",
      );
    },
  );
});

it("yields to the event loop while it trains in this thread", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await trainForest(createData("classification", 3_000, 10), { threads: 0 });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});

/** Trains on columns of numbers. */
function classify(
  columns: readonly (readonly number[])[],
  labels: readonly number[],
  options: ForestOptions = {},
  classes: readonly number[] = [0, 1],
): Promise<TrainedForest> {
  const count = labels.length;
  const width = columns.length;
  const values = Float64Array.from({ length: count * width }, (_, i) => {
    return columns[i % width]?.[Math.floor(i / width)] ?? Number.NaN;
  });
  const target = { task: "classification", classes, labels: Int32Array.from(labels) } as const;
  return trainForest({ rows: { values, count, width }, target }, options);
}

const repeat = (value: number, length: number): number[] => Array.from({ length }, () => value);

describe("trainForest with odd data", () => {
  it("trains on two rows of one feature", async () => {
    const { ensemble, outOfBag } = await classify([[1, 2]], [0, 1]);
    expect(findFaults(ensemble)).toEqual([]);
    expect(predict(ensemble, [1])[0]).toBeGreaterThan(0.5);
    expect(predict(ensemble, [2])[1]).toBeGreaterThan(0.5);
    expect([...ensemble.threshold].filter((t) => t !== 0).every((t) => t === 1.5)).toBe(true);
    expect(outOfBag.rows).toBe(2);
  });

  it("trains on a single row", async () => {
    const { ensemble, outOfBag } = await classify([[1]], [1]);
    expect(predict(ensemble, [1])).toEqual([0, 1]);
    expect(outOfBag).toEqual({ score: null, rows: 0 });
  });

  it("predicts the only class that has rows", async () => {
    for (const label of [0, 1]) {
      const { ensemble } = await classify([[1, 2, 3]], [label, label, label], { trees: 2 });
      expect(predict(ensemble, [1])[label]).toBe(1);
    }
  });

  it("labels a row of two classes by the higher score", async () => {
    const random = createRandom(5);
    const column = Array.from({ length: 200 }, () => random.below(50));
    const labels = column.map((x) => (x + random.below(20) > 30 ? 1 : 0));
    const { ensemble } = await classify([column], labels);
    expect(findFaults(ensemble)).toEqual([]);
    const scores = new Float32Array(400);
    const predicted = new Int32Array(200);
    createForestExecutor(ensemble).run(Float64Array.from(column), 200, scores, predicted);
    for (const [row, label] of predicted.entries()) {
      const [no = 0, yes = 0] = scores.subarray(2 * row, 2 * row + 2);
      expect(label).toBe(yes > no ? 1 : 0);
      expect(no + yes).toBeCloseTo(1, 6);
    }
    expect(predicted.filter((label, row) => label === labels[row]).length).toBeGreaterThan(160);
  });

  it("predicts the shares for equal rows of different classes", async () => {
    const { ensemble, importances } = await classify(
      [repeat(7, 40)],
      [...repeat(0, 30), ...repeat(1, 10)],
    );
    expect(ensemble.mode.every((mode) => mode === LEAF)).toBe(true);
    expect(predict(ensemble, [7])[0]).toBeCloseTo(0.75, 1);
    expect([...importances]).toEqual([0]);
  });

  it("draws features until one splits", async () => {
    const constant = repeat(1, 20);
    const labels = constant.map((_, row) => row % 2);
    const { ensemble, importances } = await classify(
      [constant, constant, constant, labels, constant],
      labels,
      { maxFeatures: 1 },
    );
    expect([...importances]).toEqual([0, 0, 0, 1, 0]);
    expect(predict(ensemble, [1, 1, 1, 0, 1])).toEqual([1, 0]);
  });

  it("splits huge, tiny and neighbouring float32 values", async () => {
    const column = [-3.4e38, -1e30, -1e-45, 0, 1e-45, 1, 1 + 2 ** -23, 1 + 2 ** -22, 1e30, 3.4e38];
    const rows = [...column, ...column, ...column];
    const labels = rows.map((_, row) => (row % column.length) % 2);
    const { ensemble } = await classify([rows], labels);
    expect(findFaults(ensemble)).toEqual([]);
    for (const [i, value] of column.entries()) {
      expect(predict(ensemble, [value])[i % 2]).toBeGreaterThan(0.5);
    }
  });

  it("trains on missing values", async () => {
    const column = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? Number.NaN : i));
    const labels = column.map((value) => (Number.isNaN(value) ? 1 : 0));
    const { ensemble } = await classify([column], labels);
    expect(findFaults(ensemble)).toEqual([]);
    expect(predict(ensemble, [Number.NaN])).toEqual([0, 1]);
    expect(predict(ensemble, [30])).toEqual([1, 0]);
  });

  it("distinguishes 1,000 classes", async () => {
    const classes = Array.from({ length: 1_000 }, (_, c) => c);
    const column = [...classes, ...classes, ...classes];
    const { ensemble } = await classify([column], column, { trees: 8 }, classes);
    expect(findFaults(ensemble)).toEqual([]);
    const right = classes.filter((c) => {
      const sums = predict(ensemble, [c]);
      return sums.indexOf(Math.max(...sums)) === c;
    });
    expect(right.length).toBeGreaterThan(950);
  });

  it("fits a target of huge numbers, and of a small spread around a large mean", async () => {
    const values = Float64Array.from({ length: 50 }, (_, row) => row);
    const rows = { values, count: 50, width: 1 };
    for (const toTarget of [(x: number) => (x - 25) * 1e37, (x: number) => 1e6 + x / 8]) {
      const target = { task: "regression", values: values.map(toTarget) } as const;
      const { ensemble, outOfBag } = await trainForest({ rows, target });
      expect(findFaults(ensemble)).toEqual([]);
      expect(outOfBag.score).toBeGreaterThan(0.98);
      expect(predict(ensemble, [0])[0]).toBeLessThan(toTarget(2));
      expect(predict(ensemble, [49])[0]).toBeGreaterThan(toTarget(47));
    }
    const constant = { task: "regression", values: new Float64Array(50).fill(3) } as const;
    const { ensemble, outOfBag } = await trainForest({ rows, target: constant });
    expect(predict(ensemble, [1])).toEqual([3]);
    expect(outOfBag).toEqual({ score: null, rows: 50 });
  });

  it("never grows an invalid tree, for any rows", async () => {
    const cell = fc.oneof(
      fc.float({ noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 1, 3.4028234663852886e38, -3.4028234663852886e38),
    );
    const row = fc.record({ cells: fc.tuple(cell, cell), label: fc.nat({ max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        const columns = [0, 1].map((f) => rows.map(({ cells }) => cells[f] ?? 0));
        const labels = rows.map(({ label }) => label);
        const { ensemble } = await classify(columns, labels, { trees: 4 }, [1, 2, 3, 4]);
        expect(findFaults(ensemble)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
