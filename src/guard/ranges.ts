import type { Feature } from "../tabular/tabular.ts";

/**
 * Returns the features whose values lie outside the range of the training data: indexes in ascending order, or null
 * when there are none (this common case allocates nothing). Missing values and features without known bounds are never
 * outside. A float32 feature is compared as float32, so that a training value that a client rounded is not flagged.
 *
 * @param values holds the row at `values[offset] … values[offset + features.length − 1]`
 */
export function findOutOfRange(
  features: readonly Feature[],
  values: Float64Array,
  offset: number,
): number[] | null {
  let found: number[] | null = null;
  for (let index = 0; index < features.length; index++) {
    const { precision, min, max } = features[index]!;
    const value = values[offset + index]!;
    const outside =
      precision === "float32"
        ? (min !== null && Math.fround(value) < Math.fround(min)) ||
          (max !== null && Math.fround(value) > Math.fround(max))
        : (min !== null && value < min) || (max !== null && value > max);
    if (outside) (found ??= []).push(index);
  }
  return found;
}
