import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import type { TrainingSet } from "../forest/training-set.ts";
import { crossValidate } from "./cross-validate.ts";

function readIris(): TrainingSet {
  const file = new URL("../../../examples/iris/iris.csv", import.meta.url);
  const lines = readFileSync(file, "utf8").trim().split("\n").slice(1);
  const cells = lines.map((line) => line.split(","));
  const classes = [...new Set(cells.map((row) => row[4] ?? ""))];
  const values = Float64Array.from(cells.flatMap((row) => row.slice(0, 4).map(Number)));
  const labels = Int32Array.from(cells, (row) => classes.indexOf(row[4] ?? ""));
  return {
    rows: { values, count: lines.length, width: 4 },
    target: { task: "classification", classes, labels },
  };
}

/** Friedman, "Multivariate adaptive regression splines", Annals of Statistics 19(1), 1991: number 1. */
function createFriedman(count: number, seed: number): TrainingSet {
  const random = createRandom(seed);
  const width = 10;
  const values = Float64Array.from({ length: count * width }, () => random.uniform());
  const target = Float64Array.from({ length: count }, (_, row) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = values.subarray(row * width);
    const signal = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e;
    return signal + random.normal();
  });
  return { rows: { values, count, width }, target: { task: "regression", values: target } };
}

const mean = (of: number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;

describe("crossValidate", () => {
  it("scores Iris like scikit-learn's forest", async () => {
    const iris = readIris();
    const accuracies: number[] = [];
    const losses: number[] = [];
    for (let seed = 0; seed < 8; seed++) {
      const evaluation = await crossValidate(iris, { seed }, { seed });
      if (evaluation.task !== "classification") throw new Error("not a classification");
      accuracies.push(evaluation.metrics.accuracy);
      losses.push(evaluation.metrics.logLoss);
      expect(evaluation.foldAccuracies).toHaveLength(5);
    }
    // scikit-learn 1.2.1, 128 trees, 20 seeds: .9513 and .136 (with a row of certain error in some).
    expect(Math.abs(mean(accuracies) - 0.953)).toBeLessThan(0.01);
    expect(mean(losses)).toBeLessThan(0.2);
  });

  it("predicts numbers as well as scikit-learn's forest", async () => {
    const scores: number[] = [];
    const errors: number[] = [];
    for (let seed = 1; seed <= 6; seed++) {
      const data = createFriedman(500, seed);
      const { task, folds, metrics } = await crossValidate(data, { trees: 64 });
      if (task !== "regression") throw new Error("not a regression");
      expect(folds).toBe(5);
      scores.push(metrics.rSquared ?? Number.NaN);
      errors.push(metrics.rootMeanSquaredError);
    }
    // scikit-learn 1.2.1 on the same six data sets, 64 trees: R² .8003, root mean squared error 2.250.
    expect(Math.abs(mean(scores) - 0.8)).toBeLessThan(0.015);
    expect(Math.abs(mean(errors) - 2.25)).toBeLessThan(0.1);
  });

  it("evaluates only rows that the forest was not trained on", async () => {
    // Noise: a forest memorizes its own rows, and guesses others.
    const random = createRandom(1);
    const values = Float64Array.from({ length: 300 }, () => random.uniform());
    const labels = Int32Array.from({ length: 300 }, () => random.below(2));
    const evaluation = await crossValidate({
      rows: { values, count: 300, width: 1 },
      target: { task: "classification", classes: [0, 1], labels },
    });
    if (evaluation.task !== "classification") throw new Error("not a classification");
    expect(Math.abs(evaluation.metrics.accuracy - 0.5)).toBeLessThan(0.15);
  });

  it("works with a class of a single row, and with fewer rows than folds", async () => {
    const labels = Int32Array.of(0, 0, 0, 1, 1, 1, 2);
    const evaluation = await crossValidate({
      rows: { values: Float64Array.of(1, 2, 3, 11, 12, 13, 100), count: 7, width: 1 },
      target: { task: "classification", classes: ["a", "b", "c"], labels },
    });
    if (evaluation.task !== "classification") throw new Error("not a classification");
    expect(evaluation.metrics.perClass[2]).toMatchObject({ support: 1, recall: 0 });

    const two = await crossValidate({
      rows: { values: Float64Array.of(1, 2), count: 2, width: 1 },
      target: { task: "regression", values: Float64Array.of(10, 20) },
    });
    expect(two.folds).toBe(2);
    expect(two.metrics).toMatchObject({ meanAbsoluteError: 10 });
  });

  it("reports progress and can be cancelled", async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const onProgress = (done: number): void => {
      seen.push(done);
      if (done === 3) abort.abort();
    };
    const running = crossValidate(readIris(), { trees: 4 }, { onProgress, signal: abort.signal });
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(seen).toEqual([1, 2, 3]);
  });
});
