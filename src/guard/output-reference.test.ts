import { expect, test } from "vitest";
import { InputProblems } from "../kernel/check.ts";
import {
  checkOutputReference,
  toConfidenceBins,
  toPValueBins,
  type OutputReference,
} from "./output-reference.ts";

test("confidence has ten bins of equal width from the smallest possible one to 1", () => {
  const two = toConfidenceBins(Float64Array.of(0.5, 0.55, 0.56, 1), 2);
  expect(two.ratios).toEqual([0.5, 0.25, 0, 0, 0, 0, 0, 0, 0, 0.25]);
  expect(toConfidenceBins(Float64Array.of(1 / 3), 3).edges[0]).toBeCloseTo(0.4, 5);
});

test("p-values of rows like the training rows are uniform up to ties", () => {
  const distinct = toPValueBins(Float64Array.from({ length: 99 }, (_, i) => i));
  expect(distinct?.ratios.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 10 / 99));
  // Half of the scores are 0: their p-value is that of the largest share.
  const tied = Float64Array.from({ length: 100 }, (_, i) => Math.max(0, i - 49));
  expect(toPValueBins(tied)?.ratios.at(-1)).toBe(0.5);
  expect(toPValueBins(new Float64Array(0))).toBeNull();
});

test("a reference whose shares do not fit the model is reported with pointers", () => {
  const bins = { edges: [1], ratios: [0.5, 0.5], missing_ratio: 0 };
  const good: OutputReference = {
    source: "out_of_bag",
    rows: 10,
    class_ratios: [0.5, 0.5],
    confidence: bins,
    value: null,
  };
  const find = (reference: OutputReference, classes: number): string[] => {
    const problems = new InputProblems();
    checkOutputReference(reference, classes, "/output_reference", problems);
    return problems.list.map(({ at }) => at);
  };
  expect(find(good, 2)).toEqual([]);
  expect(find(good, 3)).toEqual(["/output_reference/class_ratios"]);
  expect(find({ ...good, class_ratios: [0.5, 0.6] }, 2)).toEqual([
    "/output_reference/class_ratios",
  ]);
  expect(find({ ...good, confidence: { ...bins, edges: [2, 1] } }, 2)).toEqual([
    "/output_reference/confidence/edges/1",
    "/output_reference/confidence/ratios",
  ]);
  expect(find({ ...good, value: { ...bins, ratios: [1, 1] } }, 2)).toEqual([
    "/output_reference/value/ratios",
  ]);
});
