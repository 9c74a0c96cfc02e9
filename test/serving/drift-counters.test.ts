import { expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { ValueFamily } from "../../src/metrics/metrics.ts";
import type { LoadedModel } from "../../src/model/model.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import { trainModel } from "../../src/training/train-model.ts";

const OPTIONS = {
  maxBatchRows: 10_000,
  oodAlpha: 0.01,
  oodPolicy: "warn",
  uncheckedPolicy: "flag",
  categoryPolicy: "warn",
  missingPolicy: "reject",
} as const;

function open(model: LoadedModel) {
  const metrics = createMetrics({ process: false });
  return { metrics, predictor: createPredictor(model, OPTIONS, metrics, systemClock) };
}

/** Lists the open series of a family: label values in their order, and the value. */
function list(family: ValueFamily): (readonly [labels: readonly string[], value: number])[] {
  return Array.from(family.series(), ([slot, labels]) => [labels, family.get(slot)]);
}

/** Sums the values of a family by one of its labels. */
function sumBy(family: ValueFamily, label: string): Record<string, number> {
  const at = family.declaration.labels.indexOf(label);
  const sums: Record<string, number> = {};
  for (const [labels, value] of list(family)) {
    const key = labels[at] ?? "";
    sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

async function trainClasses(classes: number, trees: number): Promise<LoadedModel> {
  const data = Array.from({ length: 20 * classes }, (_, i) => ({
    a: i % classes,
    b: (i * 7919) % 101,
    kind: `kind ${i % classes}`,
  }));
  return (await trainModel({ data, target: "kind", name: "kinds", trees, threads: 0 })).model;
}

it("counts the outputs of each row in bins whose reference shares sum to 1, and compares rows", async () => {
  const model = await trainClasses(12, 64);
  expect(model.manifest.output_reference?.source).toBe("out_of_bag");
  const { metrics, predictor } = open(model);
  const instances = Array.from({ length: 24 }, (_, i) => ({ a: i % 12, b: 5 }));
  predictor.predictBatch({ instances });
  expect(sumBy(metrics.outputBin, "output")).toEqual({
    prediction: 24,
    confidence: 24,
    p_value: 24,
  });
  for (const sum of Object.values(sumBy(metrics.outputReferenceRatio, "output"))) {
    expect(sum).toBeCloseTo(1, 9);
  }
  // Nine of twelve classes have a bin of their own; two rows of each were sent.
  const bins = list(metrics.outputBin).filter(([labels]) => labels[2] === "prediction");
  expect(bins).toHaveLength(10);
  expect(bins.at(-1)).toEqual([["kinds", "1", "prediction", "10 other classes"], 6]);
  // 0 + 1 + … + 23 comparisons; the second row of each kind equals the first.
  expect(sumBy(metrics.rowComparisons, "model")).toEqual({ kinds: 276 });
  expect(sumBy(metrics.rowMatches, "model")).toEqual({ kinds: 12 });
  predictor.close();
  expect(list(metrics.outputBin)).toEqual([]);
  expect(list(metrics.rowMatches)).toEqual([]);
});

it("takes the reference of small forests from the cross-validation", async () => {
  const { manifest } = await trainClasses(2, 8);
  expect(manifest.output_reference).toMatchObject({ source: "cross_validation", rows: 40 });
});

it("bins the predicted values of a regression", async () => {
  const data = Array.from({ length: 60 }, (_, i) => ({ a: i, y: i * 2 }));
  const { model } = await trainModel({ data, target: "y", name: "line", trees: 64, threads: 0 });
  const { metrics, predictor } = open(model);
  predictor.predictBatch({ instances: [{ a: 3 }, { a: 50 }] });
  expect(sumBy(metrics.outputBin, "output")).toEqual({ prediction: 2, p_value: 2 });
});

it("compares what it can for versions that state neither an output reference nor equal rows", async () => {
  const model = await trainClasses(2, 64);
  const { output_reference: _, ...manifest } = model.manifest;
  const { metrics, predictor } = open({ ...model, manifest });
  predictor.predictRow({ a: 1, b: 2 });
  expect(sumBy(metrics.outputBin, "output")).toEqual({ p_value: 1 });
  expect(Object.keys(sumBy(metrics.featureBin, "feature"))).toEqual(["a", "b"]);
});
