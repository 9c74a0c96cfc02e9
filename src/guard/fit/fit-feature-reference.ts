import type { Feature, Rows } from "../../tabular/tabular.ts";
import type { FeatureBins, FeatureReference } from "../guard.ts";
import { fitBins } from "./fit-bins.ts";

/** Categories with a bin of their own; a metric label has few values. */
const MAX_CATEGORY_BINS = 20;

/**
 * Fits the bins of a model's features for a model without a trust check, whose drift is watched all the same: numbers as `fitBins`, truth
 * values by value, and categories by value, of which the most frequent have a bin of their own.
 */
export function fitFeatureReference(rows: Rows, features: readonly Feature[]): FeatureReference {
  const { values, count, width } = rows;
  const bins = features.map((feature, index) => {
    const column = Float64Array.from({ length: count }, (_, row) => values[row * width + index]!);
    if (feature.type === "boolean") return fitCodes(column, [0, 1], 2);
    if (feature.categories === undefined) return fitBins(column);
    return fitCategoryBins(column, feature.categories.length);
  });
  return { rows: count, bins };
}

function fitCategoryBins(column: Float64Array, categories: number): FeatureBins {
  const counts = Array.from({ length: categories }, () => 0);
  for (const code of column) if (code < categories) counts[code]! += 1;
  const own = [...counts.keys()]
    .toSorted((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MAX_CATEGORY_BINS)
    .toSorted((a, b) => a - b);
  const hasOthers = categories > own.length;
  const unknown = own.length + (hasOthers ? 1 : 0);
  const codes = counts.map((_, code) => {
    const bin = own.indexOf(code);
    return bin < 0 ? own.length : bin;
  });
  return fitCodes(column, [...codes, unknown], unknown + 1);
}

/** @param codes bin of each value, 0 … */
function fitCodes(column: Float64Array, codes: readonly number[], bins: number): FeatureBins {
  const counts = Array.from({ length: bins }, () => 0);
  let present = 0;
  for (const value of column) {
    const bin = codes[value];
    if (bin === undefined) continue;
    counts[bin]! += 1;
    present += 1;
  }
  return {
    edges: [],
    codes,
    // As of a feature without values: the last bin is that of the unknown.
    ratios:
      present === 0
        ? counts.map((_, bin) => (bin === bins - 1 ? 1 : 0))
        : counts.map((number) => number / present),
    missing_ratio: column.length === 0 ? 1 : (column.length - present) / column.length,
  };
}
