import { describe, expect, it } from "vitest";
import { trainForest } from "../forest/train.ts";
import type { TrainingSet } from "../forest/training-set.ts";
import type { CrossValidation } from "./cross-validate.ts";
import { evaluateClassification, evaluateRegression } from "./evaluate.ts";
import { formatReport } from "./format-report.ts";
import { createReport } from "./report.ts";
import type { TrainingReport } from "./training-report.ts";

/** Creates a report of `classes` classes of two rows each; every row of class 1 is predicted as class 0. */
async function reportClasses(classCount: number, toName: (c: number) => string) {
  const count = classCount * 2;
  const classes = Array.from({ length: classCount }, (_, c) => toName(c));
  const labels = Int32Array.from({ length: count }, (_, row) => row % classCount);
  const data: TrainingSet = {
    rows: { values: Float64Array.from(labels), count, width: 1 },
    target: { task: "classification", classes, labels },
  };
  const predicted = labels.map((label) => (label === 1 ? 0 : label));
  const probabilities = new Float32Array(count * classCount).fill(1 / classCount);
  const evaluation: CrossValidation = {
    task: "classification",
    folds: 2,
    metrics: evaluateClassification(classes, labels, predicted, probabilities),
    foldAccuracies: [0.5, 0.75],
    predictions: { task: "classification", labels: predicted, confidence: new Float64Array(count) },
  };
  const forest = await trainForest(data, { trees: 2 });
  return createReport({ data, featureNames: ["width"], forest, evaluation, seconds: 1.25 });
}

async function reportNumbers(): Promise<TrainingReport> {
  const values = Float64Array.of(1, 0, 2, 0, 3, 0);
  const target = Float64Array.of(10, 20, 30);
  const data: TrainingSet = {
    rows: { values, count: 3, width: 2 },
    target: { task: "regression", values: target },
  };
  const metrics = evaluateRegression(target, Float32Array.of(10, 20, 33));
  const evaluation: CrossValidation = {
    task: "regression",
    folds: 3,
    metrics,
    predictions: { task: "regression", values: target },
  };
  const forest = await trainForest(data, { trees: 16 });
  return createReport({ data, featureNames: ["size", "same"], forest, evaluation, seconds: 2 });
}

describe("createReport", () => {
  it("is plain JSON with the data, the spread over folds and the feature names", async () => {
    const report = await reportClasses(3, (c) => `kind ${c}`);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report).toMatchObject({
      task: "classification",
      rows: 6,
      features: 1,
      folds: 2,
      accuracy: { mean: 0.625, standard_deviation: 0.125 },
      importances: [{ feature: "width", share: 1 }],
      seconds: 1.25,
    });
  });

  it("lists the most important feature first", async () => {
    const report = await reportNumbers();
    expect(report.importances).toEqual([
      { feature: "size", share: 1 },
      { feature: "same", share: 0 },
    ]);
    expect(report).toMatchObject({
      task: "regression",
      mean_absolute_error: 1,
      r_squared: 1 - 9 / 200,
    });
    expect(report.out_of_bag.rows).toBe(3);
  });
});

describe("formatReport", () => {
  it("formats a classification", async () => {
    const report = await reportClasses(3, (c) => `kind ${c}`);
    const text = formatReport({ ...report, out_of_bag: { score: 0.5, rows: 4 } });
    expect(text).toBe(`6 rows, 1 feature, 3 classes, 1.3 s

Rows held out in 2-fold cross-validation
  accuracy    0.625 ± 0.125 over the folds
  log-loss    1.099
  calibration 0.333 expected error
  out of bag  0.500 of the final forest (4 of 6 rows)

Class   rows  precision  recall     F1
kind 0     2      0.500   1.000  0.667
kind 1     2          –   0.000  0.000
kind 2     2      1.000   1.000  1.000

True \\ predicted  kind 0  kind 1  kind 2
kind 0                 2       0       0
kind 1                 2       0       0
kind 2                 0       0       2

Calibration  rows  mean predicted  observed
0.3 to 0.4      6           0.333     0.667

Importance
width       1.000  ████████████████████████████████████████
`);
  });

  it("formats a regression", async () => {
    const report = await reportNumbers();
    expect(formatReport({ ...report, out_of_bag: { score: null, rows: 3 } }))
      .toBe(`3 rows, 2 features, 2.0 s

Rows held out in 3-fold cross-validation
  R²                       0.955
  mean absolute error      1
  root mean squared error  1.732
  out-of-bag R²            – of the final forest

Importance
size        1.000  ████████████████████████████████████████
same        0.000
`);
  });

  it.each([2, 10, 40])("fits %d classes of long names in 80 columns", async (classCount) => {
    const report = await reportClasses(classCount, (c) => `a name as long as can be, ${c}`);
    const lines = formatReport(report).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThan(75);
    const mistake = classCount > 2 ? "a name as l…an be, 1  a name as l…an be, 0     2" : "";
    expect(lines.some((line) => line.startsWith(mistake))).toBe(true);
  });
});
