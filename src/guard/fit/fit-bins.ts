import { toBin } from "../bins.ts";
import type { FeatureBins } from "../guard.ts";
import { CONSTANT_TOLERANCE } from "./column-scales.ts";

/** Enough bins for a drift alert, few enough for the values of a metric label. */
export const MAX_FITTED_BINS = 10;

/**
 * Fits bins with about equal shares of a feature's training values: up to ten, fewer where values repeat. Edges lie
 * between values that occur, never on one, so that a value rounded to float32 stays in its bin. A constant feature has
 * three bins, so that any other value shows. NaN counts as missing; a feature without values has one bin.
 *
 * @param column the feature's training values, at least one, in any order; not changed
 */
export function fitBins(column: Float64Array): FeatureBins {
  const sorted = column.filter((value) => !Number.isNaN(value)).toSorted();
  if (sorted.length === 0) return { edges: [], ratios: [1], missing_ratio: 1 };
  const edges = toEdges(sorted);
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of sorted) counts[toBin(edges, value)]! += 1;
  return {
    edges,
    ratios: counts.map((count) => count / sorted.length),
    missing_ratio: (column.length - sorted.length) / column.length,
  };
}

/** @param sorted ascending, at least one value */
function toEdges(sorted: Float64Array): number[] {
  const smallest = sorted[0]!;
  const largest = sorted.at(-1)!;
  if (smallest === largest) {
    const tolerance = CONSTANT_TOLERANCE * (smallest === 0 ? 1 : Math.abs(smallest));
    const edges = [smallest - tolerance, smallest + tolerance].filter(Number.isFinite);
    return [...new Set(edges)];
  }
  const edges: number[] = [];
  for (let b = 1; b < MAX_FITTED_BINS; b++) {
    const quantile = sorted[Math.ceil((b * sorted.length) / MAX_FITTED_BINS) - 1]!;
    // No value lies above the largest one: where a quantile equals it, the largest value gets a bin of its own.
    const edge =
      quantile < largest
        ? toNumberBetween(
            quantile,
            sorted.find((value) => value > quantile)!,
          )
        : toNumberBetween(
            sorted.findLast((value) => value < largest)!,
            largest,
          );
    if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY)) edges.push(edge);
  }
  return edges;
}

/** Returns the decimal number with the fewest digits in the middle half between two numbers: in [low, high). */
function toNumberBetween(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  const margin = high / 4 - low / 4;
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (Math.abs(rounded - middle) <= margin && low < rounded && rounded < high) return rounded;
  }
  return low < middle && middle < high ? middle : low;
}
