import type { FeatureBins } from "./guard.ts";

const LABEL_DIGITS = 4;

/**
 * Returns the bin of a value: the number of edges below it, so that bin b is (edges[b − 1], edges[b]]; −1 for NaN.
 * The search is linear because a feature has about ten bins.
 */
export function toBin(edges: readonly number[], value: number): number {
  if (Number.isNaN(value)) return -1;
  let bin = 0;
  while (bin < edges.length && value > edges[bin]!) bin++;
  return bin;
}

/**
 * Formats a bin as a metric label: its number from 01, so that labels sort in the order of the bins, then its interval,
 * for example "03 (5.05, 5.25]". Edges have as few digits as keep the edges of one feature distinct.
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
    // 17 digits distinguish any two doubles.
    if (digits === 17 || new Set(names).size === names.length) return names;
  }
}
