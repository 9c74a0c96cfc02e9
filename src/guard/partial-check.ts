import type { CalibrationBudget } from "./guard.ts";
import { createInflation } from "./inflation.ts";
import { createPatternCache } from "./pattern-cache.ts";
import {
  calibratePattern,
  toPatternCost,
  toPatternPValue,
  type Pattern,
  type PatternSource,
} from "./pattern.ts";
import { whiten } from "./whitening.ts";

/** Multiplications that a pattern may take: about 40 ms. Only models with more than 200 columns reach it. */
const MAX_COST = 15e6;

/** Features per character of a key. */
const KEY_BITS = 15;

/**
 * Creates the check of rows with missing values: the present features are compared with the same features of the reference rows. The
 * calibration of a pattern of missing values is made with the first row that has it, and kept while it is used.
 *
 * @param createSource prepares the reference rows, with the first row that needs them
 * @returns a function that returns the p-value of the encoded row at `values[0]`, of which NaN marks the missing columns; NaN if all are
 *   missing, if the pattern would take too long, and if the budget is exhausted
 */
export function createPartialCheck(
  createSource: () => PatternSource,
): (values: Float64Array, budget: CalibrationBudget | null) => number {
  let prepared: ReturnType<typeof prepare> | undefined;
  return (values, budget) => {
    const check = (prepared ??= prepare(createSource()));
    return check(values, budget);
  };
}

function prepare(source: PatternSource) {
  const { whitening, columns, neighbours } = source;
  const { width, centre } = whitening;
  const features = columns.length - 1;
  const cache = createPatternCache();
  const filled = new Float64Array(width);
  const whitened = new Float64Array(width);
  const centred = new Float64Array(width);
  const target = new Float64Array(width);
  const nearest = new Float64Array(neighbours);
  let inflation: ((quantile: number) => number) | undefined;

  function findPattern(values: Float64Array, budget: CalibrationBudget | null): Pattern | null {
    const { key, missing } = toKey(values);
    const known = cache.get(key);
    if (known !== undefined) return known;
    if (missing.length === features) return null;
    const cost = toPatternCost(source, missing);
    if (cost > MAX_COST || budget?.spend(cost) === false) return null;
    const pattern = calibratePattern(source, missing, (inflation ??= createInflation(source)));
    cache.add(key, pattern);
    return pattern;
  }

  function toKey(values: Float64Array): { key: string; missing: number[] } {
    const missing: number[] = [];
    let key = "";
    let bits = 0;
    for (let feature = 0; feature < features; feature++) {
      bits <<= 1;
      if (Number.isNaN(values[columns[feature]!])) {
        missing.push(feature);
        bits |= 1;
      }
      if (feature % KEY_BITS === KEY_BITS - 1) {
        key += String.fromCharCode(bits);
        bits = 0;
      }
    }
    return { key: key + String.fromCharCode(bits), missing };
  }

  return (values: Float64Array, budget: CalibrationBudget | null): number => {
    const pattern = findPattern(values, budget);
    if (pattern === null) return Number.NaN;
    for (let j = 0; j < width; j++) {
      const value = values[j]!;
      filled[j] = Number.isNaN(value) ? centre[j]! : value;
    }
    whiten(whitening, filled, 0, whitened, 0, centred);
    return toPatternPValue(pattern, whitened, target, nearest);
  };
}
