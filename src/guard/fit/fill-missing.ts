import type { Feature } from "../../tabular/tabular.ts";

/** Rows with the value that a missing one is filled from. */
const DONORS = 5;

/** Rows without missing values. */
export interface FilledRows {
  /** Row-major. */
  readonly values: Float64Array;
  /** By row and feature: 1 where the value was missing. */
  readonly filled: Uint8Array;
}

/**
 * Fills missing values with the mean, or the most frequent category, of the five nearest rows that have a value. Rows are compared in the
 * features that both have: numbers in units of their deviation, categories by equality, with the same mean distance. O(rows² × width).
 *
 * @param values row-major; not changed
 */
export function fillMissing(values: Float64Array, features: readonly Feature[]): FilledRows {
  const width = features.length;
  const count = values.length / width;
  const isCategory = features.map((feature) => feature.categories !== undefined);
  const weights = features.map((_, f) => toWeight(toPresent(values, width, f), isCategory[f]!));
  const filled = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
  const result = values.slice();
  const distances = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const start = row * width;
    if (!filled.subarray(start, start + width).includes(1)) continue;
    measure(row, distances);
    for (let f = 0; f < width; f++) {
      if (filled[start + f] === 0) continue;
      const donors = findDonors(distances, f);
      result[start + f] = isCategory[f]! ? toMode(donors) : toMean(donors);
    }
  }
  return { values: result, filled };

  function measure(row: number, target: Float64Array): void {
    for (let other = 0; other < count; other++) {
      let sum = 0;
      let shared = 0;
      for (let f = 0; f < width; f++) {
        const difference = values[row * width + f]! - values[other * width + f]!;
        if (Number.isNaN(difference)) continue;
        shared += 1;
        const equal = difference === 0;
        if (!equal) sum += isCategory[f]! ? weights[f]! : difference * difference * weights[f]!;
      }
      target[other] = shared === 0 ? Number.MAX_VALUE : Math.min(Number.MAX_VALUE, sum / shared);
    }
  }

  /** Returns the values of the nearest rows that have the feature. */
  function findDonors(all: Float64Array, feature: number): number[] {
    const found: { distance: number; value: number }[] = [];
    for (let other = 0; other < count; other++) {
      const value = values[other * width + feature]!;
      const distance = all[other]!;
      const furthest = found[DONORS - 1]?.distance ?? Number.POSITIVE_INFINITY;
      if (Number.isNaN(value) || distance >= furthest) continue;
      const at = found.findIndex((donor) => donor.distance > distance);
      found.splice(at < 0 ? found.length : at, 0, { distance, value });
      if (found.length > DONORS) found.pop();
    }
    return found.map((donor) => donor.value);
  }
}

function toPresent(values: Float64Array, width: number, feature: number): Float64Array {
  const column = new Float64Array(values.length / width);
  for (let row = 0; row < column.length; row++) column[row] = values[row * width + feature]!;
  return column.filter((value) => !Number.isNaN(value));
}

/** Returns the weight with which two random values have a mean squared distance of 2, as standardized numbers have; 1 for a constant. */
function toWeight(column: Float64Array, isCategory: boolean): number {
  if (isCategory) {
    const counts = new Map<number, number>();
    for (const value of column) counts.set(value, (counts.get(value) ?? 0) + 1);
    const equal = counts.values().reduce((sum, n) => sum + (n / column.length) ** 2, 0);
    return equal < 1 ? 2 / (1 - equal) : 1;
  }
  const mean = column.reduce((sum, value) => sum + value / column.length, 0);
  const variance = column.reduce((sum, value) => sum + (value - mean) ** 2 / column.length, 0);
  return variance > 0 && Number.isFinite(variance) ? 1 / variance : 1;
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** Returns the most frequent value, of several the first one. */
function toMode(values: readonly number[]): number {
  const count = (value: number): number => values.filter((other) => other === value).length;
  return values.toSorted((a, b) => count(b) - count(a))[0] ?? 0;
}
