import { expect, it } from "vitest";
import type { Feature } from "../../tabular/tabular.ts";
import { findBin, formatBinLabel } from "../bins.ts";
import { fitFeatureReference } from "./fit-feature-reference.ts";

const base = { precision: "float32", unit: null, min: null, max: null, nullable: true } as const;

function fit(feature: Feature, values: readonly number[]) {
  const rows = { values: Float64Array.from(values), count: values.length, width: 1 };
  const bins = fitFeatureReference(rows, [feature]).bins[0]!;
  return { bins, labels: bins.ratios.map((_, bin) => formatBinLabel(bins, bin, feature)) };
}

it("gives the most frequent categories a bin of their own, the others one, and the unknown one", () => {
  const categories = Array.from({ length: 30 }, (_, i) => ({ value: `c${i}`, share: null }));
  const feature: Feature = { ...base, name: "a", type: "category", categories };
  // Category i occurs i times, and two rows have no value.
  const values = categories.flatMap((_, i) => Array.from({ length: i }, () => i));
  const { bins, labels } = fit(feature, [...values, Number.NaN, Number.NaN]);
  expect(labels).toEqual([
    ...Array.from({ length: 20 }, (_, i) => `${String(i + 1).padStart(2, "0")} c${i + 10}`),
    "21 other",
    "22 unknown",
  ]);
  expect(bins.ratios.reduce((sum, ratio) => sum + ratio, 0)).toBeCloseTo(1, 12);
  expect(bins.ratios[20]).toBeCloseTo(45 / values.length, 12);
  expect(bins.ratios[21]).toBe(0);
  expect(bins.missing_ratio).toBe(2 / (values.length + 2));
  expect([3, 29, 30, Number.NaN].map((code) => findBin(bins, code))).toEqual([20, 19, 21, -1]);
});

it("has a bin for each truth value", () => {
  const { bins, labels } = fit({ ...base, name: "a", type: "boolean" }, [0, 1, 1, 1]);
  expect(labels).toEqual(["01 false", "02 true"]);
  expect(bins.ratios).toEqual([0.25, 0.75]);
  expect(findBin(bins, 1)).toBe(1);
});
