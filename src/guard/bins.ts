import { CONSTANT_TOLERANCE } from "./fit/column-scales.ts";
import type { FeatureBins } from "./guard.ts";

/** Enough for a drift alarm, few enough to be a label of a metric. */
export const MAX_BINS = 10;

const LABEL_DIGITS = 4;

/**
 * The bin of a value: the number of edges below it, so that bin b is (edges[b − 1], edges[b]]; −1 for
 * NaN. Linear, because there are about ten.
 */
export function toBin(edges: readonly number[], value: number): number {
  if (Number.isNaN(value)) return -1;
  let bin = 0;
  while (bin < edges.length && value > (edges[bin] as number)) bin++;
  return bin;
}

/**
 * Bins with about equal shares of a feature's training values: up to ten, fewer where values repeat.
 * Edges lie between values that occur, never on one, so that a client that rounds to float32 stays in its
 * bins. A constant has three, so that leaving it shows. NaN counts as missing only; without any values
 * there is one bin.
 *
 * @param column the feature's training values, at least one, in any order; not changed
 */
export function fitBins(column: Float64Array): FeatureBins {
  const sorted = column.filter((value) => !Number.isNaN(value)).toSorted();
  const edges = toEdges(sorted);
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of sorted) counts[toBin(edges, value)]! += 1;
  if (sorted.length === 0) return { edges, ratios: [1], missing_ratio: 1 };
  return {
    edges,
    ratios: counts.map((count) => count / sorted.length),
    missing_ratio: (column.length - sorted.length) / column.length,
  };
}

function toEdges(sorted: Float64Array): number[] {
  const smallest = sorted[0];
  const largest = sorted.at(-1);
  if (smallest === undefined || largest === undefined) return [];
  if (smallest === largest) {
    const tolerance = CONSTANT_TOLERANCE * (smallest === 0 ? 1 : Math.abs(smallest));
    const edges = [smallest - tolerance, smallest + tolerance].filter(Number.isFinite);
    return [...new Set(edges)];
  }
  const edges: number[] = [];
  for (let b = 1; b < MAX_BINS; b++) {
    const quantile = sorted[Math.ceil((b * sorted.length) / MAX_BINS) - 1] ?? smallest;
    // Nothing lies above the largest value: where it is a quantile already, it gets a bin of its own.
    const edge =
      quantile < largest
        ? toNumberBetween(quantile, sorted.find((value) => value > quantile) ?? largest)
        : toNumberBetween(sorted.findLast((value) => value < largest) ?? smallest, largest);
    if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY)) edges.push(edge);
  }
  return edges;
}

/** The decimal with the fewest digits in the middle half between two numbers: in [low, high). */
function toNumberBetween(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  const margin = high / 4 - low / 4;
  for (let digits = 1; digits < 17; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (Math.abs(rounded - middle) <= margin && low < rounded && rounded < high) return rounded;
  }
  return low < middle && middle < high ? middle : low;
}

/**
 * The name of a bin as a metric label: its number from 01, so that names sort in the order of the bins, then the interval,
 * such as "03 (5.05, 5.25]". Edges are given with as few digits as keep those of one feature apart.
 *
 * @param bin 0 … edges.length
 */
export function formatBinLabel(bins: FeatureBins, bin: number): string {
  const { edges } = bins;
  const digits = String(edges.length + 1).length;
  const number = String(bin + 1).padStart(Math.max(2, digits), "0");
  const names = formatEdges(edges);
  return `${number} (${names[bin - 1] ?? "-Inf"}, ${names[bin] ?? "+Inf"}]`;
}

function formatEdges(edges: readonly number[]): string[] {
  for (let digits = LABEL_DIGITS; ; digits++) {
    const names = edges.map((edge) => String(Number(edge.toPrecision(digits))));
    // 17 digits tell any two doubles apart.
    if (digits === 17 || new Set(names).size === names.length) return names;
  }
}
