import type { Feature } from "../tabular/tabular.ts";

/** Completes a feature with the range of its values or the shares of its categories, and with whether one is missing (NaN). */
export function summarizeValues(feature: Feature, values: Float64Array): Feature {
  const present = values.filter((value) => !Number.isNaN(value));
  const nullable = present.length < values.length;
  if (feature.categories !== undefined) {
    const counts = new Float64Array(feature.categories.length);
    for (const code of present) if (code < counts.length) counts[code]! += 1;
    const total = Math.max(present.length, 1);
    const categories = feature.categories.map(({ value }, code) => ({
      value,
      share: counts[code]! / total,
    }));
    return { ...feature, categories, nullable };
  }
  if (present.length === 0 || feature.type === "boolean") return { ...feature, nullable };
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of present) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { ...feature, min, max, nullable };
}
