import { shorten } from "../tabular/feature-codec.ts";
import type { Feature } from "../tabular/tabular.ts";
import type { FeatureBins } from "./guard.ts";

const LABEL_DIGITS = 4;

/** Returns the bin of a value; −1 for NaN. */
export function findBin({ edges, codes }: FeatureBins, value: number): number {
  return codes === undefined ? toBin(edges, value) : (codes[value] ?? -1);
}

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
 * The bin of a category has its name: "02 male".
 *
 * @param bin 0 … ratios.length − 1
 * @param feature names the categories
 */
export function formatBinLabel(bins: FeatureBins, bin: number, feature?: Feature): string {
  const { edges, ratios, codes } = bins;
  const digits = String(codes === undefined ? edges.length + 1 : ratios.length).length;
  const number = String(bin + 1).padStart(Math.max(2, digits), "0");
  if (codes !== undefined) return `${number} ${nameCodes(codes, bin, feature)}`;
  const names = formatEdges(edges);
  return `${number} (${names[bin - 1] ?? "-Inf"}, ${names[bin] ?? "+Inf"}]`;
}

/** Returns the name of the only value of a bin, or what its values have in common. */
function nameCodes(codes: readonly number[], bin: number, feature: Feature | undefined): string {
  const code = codes.indexOf(bin);
  if (feature?.type === "boolean") return code === 0 ? "false" : "true";
  const name = feature?.categories?.[code]?.value;
  if (name === undefined) return "unknown";
  return codes.includes(bin, code + 1) ? "other" : shorten(String(name));
}

function formatEdges(edges: readonly number[]): string[] {
  for (let digits = LABEL_DIGITS; ; digits++) {
    const names = edges.map((edge) => String(Number(edge.toPrecision(digits))));
    // 17 digits distinguish any two doubles.
    if (digits === 17 || new Set(names).size === names.length) return names;
  }
}
