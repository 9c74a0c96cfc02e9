import { toConformalPValue } from "./conformal.ts";
import { createKnnIndex, toNeighbourDistance, type KnnIndex } from "./knn-index.ts";
import { removeDirections, toMissingBasis } from "./projection.ts";
import type { Whitening } from "./whitening.ts";

/** The rows that a row with missing values is compared with. */
export interface PatternSource {
  readonly whitening: Whitening;
  /** Row-major, whitened, with the columns of `whitening`. */
  readonly rows: Float64Array;
  readonly neighbours: number;
  /** By reference row and feature: 1 where the value was filled in; null if none was. */
  readonly filled: Uint8Array | null;
  /** First column of each feature, then the number of columns. */
  readonly columns: Int32Array;
  /** Scores of training rows without missing values, ascending: corrected for their own influence on the fit. */
  readonly calibration: Float64Array;
}

/** A calibrated comparison of the rows that lack the same features. */
export interface Pattern {
  /** The directions that are not compared, as `toMissingBasis` returns them. */
  readonly basis: Float64Array;
  readonly directions: number;
  /** Projected reference rows. */
  readonly index: KnnIndex;
  /** Ascending. */
  readonly calibration: Float64Array;
  /** Memory that it takes. */
  readonly bytes: number;
}

/** A share 1/101 is below the default of --ood-alpha. */
export const LEAST_CALIBRATION_ROWS = 100;

/** More calibration rows cost time; with 500, the share of rows below .01 has a standard error of .004. */
const MAX_CALIBRATION_ROWS = 500;
/** Multiplications that the scores may take: 200 calibration rows with 20,000 reference numbers. */
const MAX_SCORE_OPERATIONS = 4e6;

/**
 * Returns the number of multiplications that the calibration of a pattern takes; 4e8 take about a second.
 *
 * @param missing ascending indexes of features
 */
export function toPatternCost(source: PatternSource, missing: readonly number[]): number {
  const { whitening, rows, columns } = source;
  const directions = missing.reduce((sum, f) => sum + columns[f + 1]! - columns[f]!, 0);
  const projection = directions * (directions * whitening.width + 2 * rows.length);
  const scored = Math.min(toScoredRows(rows), rows.length / whitening.width);
  return projection + scored * rows.length;
}

/** Returns the largest number of rows whose scores calibrate a pattern. */
function toScoredRows(rows: Float64Array): number {
  const affordable = Math.floor(MAX_SCORE_OPERATIONS / rows.length);
  return Math.min(MAX_CALIBRATION_ROWS, Math.max(LEAST_CALIBRATION_ROWS, affordable));
}

/**
 * Calibrates a pattern: projects the reference rows, and computes the score of some of them from the others.
 *
 * @param missing ascending indexes of features, not all
 */
export function calibratePattern(
  source: PatternSource,
  missing: readonly number[],
  toInflation: (quantile: number) => number,
): Pattern {
  const { whitening, rows, neighbours, columns } = source;
  const { width } = whitening;
  const missingColumns = missing.flatMap((feature) =>
    Array.from(
      { length: columns[feature + 1]! - columns[feature]! },
      (_, i) => columns[feature]! + i,
    ),
  );
  const directions = missingColumns.length;
  const basis = toMissingBasis(whitening, missingColumns);
  const projected = rows.slice();
  for (let at = 0; at < projected.length; at += width) {
    removeDirections(basis, directions, width, projected, at);
  }
  const index = createKnnIndex(projected, width);
  const chosen = thin(selectCalibrationRows(source, missing), toScoredRows(rows));
  const scores = toScores(index, chosen, neighbours).toSorted();
  const present = (width - directions) / width;
  const calibration = scores.map((score, at) => {
    const inflation = 1 + (toInflation((at + 0.5) / scores.length) - 1) * present;
    return score * inflation;
  });
  return {
    basis,
    directions,
    index,
    calibration: calibration.toSorted(),
    bytes: 8 * (basis.length + index.rows.length + calibration.length) + 4 * index.order.length,
  };
}

/**
 * Returns the rows that calibrate a pattern, in order: those with the fewest filled values among the present features, at least 100 if
 * there are as many. All rows count alike if no value was filled in.
 */
export function selectCalibrationRows(
  {
    rows,
    whitening,
    filled,
    columns,
  }: Pick<PatternSource, "rows" | "whitening" | "filled" | "columns">,
  missing: readonly number[],
): Int32Array {
  const count = rows.length / whitening.width;
  const all = Int32Array.from({ length: count }, (_, row) => row);
  if (filled === null) return all;
  const width = columns.length - 1;
  const isMissing = new Uint8Array(width);
  for (const feature of missing) isMissing[feature] = 1;
  const holes = all.map((row) => {
    let sum = 0;
    for (let f = 0; f < width; f++) sum += filled[row * width + f]! & (1 - isMissing[f]!);
    return sum;
  });
  const limit = holes.toSorted()[Math.min(count, LEAST_CALIBRATION_ROWS) - 1]!;
  return all.filter((row) => holes[row]! <= limit);
}

/** Returns at most `limit` rows, evenly spaced. */
function thin(rows: Int32Array, limit: number): Int32Array {
  if (rows.length <= limit) return rows;
  return Int32Array.from({ length: limit }, (_, i) => rows[Math.floor((i * rows.length) / limit)]!);
}

/** Returns the scores of some reference rows: each is compared with all other ones. @param chosen their original indexes */
export function toScores(index: KnnIndex, chosen: Int32Array, neighbours: number): Float64Array {
  const { width, rows, order } = index;
  const nearest = new Float64Array(neighbours);
  const places = new Int32Array(order.length);
  for (const [place, row] of order.entries()) places[row] = place;
  return Float64Array.from(chosen, (row) => {
    const place = places[row]!;
    return Math.sqrt(toNeighbourDistance(index, rows, place * width, place, null, nearest));
  });
}

/** @param whitened the whitened row, whose missing columns have any finite value; overwritten */
export function toPatternPValue(
  pattern: Pattern,
  whitened: Float64Array,
  target: Float64Array,
  nearest: Float64Array,
): number {
  const { basis, directions, index, calibration } = pattern;
  removeDirections(basis, directions, index.width, whitened, 0);
  for (let j = 0; j < target.length; j++) target[j] = whitened[index.axes[j]!]!;
  const squared = toNeighbourDistance(index, target, 0, -1, null, nearest);
  return toConformalPValue(calibration, Math.sqrt(squared));
}
