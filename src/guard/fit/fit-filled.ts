import type { Feature, Rows } from "../../tabular/tabular.ts";
import { createRowEncoding, encodeRows, type Levels, type RowEncoding } from "../encoding.ts";
import { selectCalibrationRows } from "../pattern.ts";
import { whitenRows, type Whitening } from "../whitening.ts";
import { toCrossFitScores, toFoldCount } from "./cross-fit.ts";
import { fillMissing, type FilledRows } from "./fill-missing.ts";
import { fitLevels } from "./fit-levels.ts";
import { fitWhitening } from "./fit-whitening.ts";
import { toKnnCalibration } from "./knn-calibration.ts";

/**
 * Least deviation of a column of a category: a category of fewer than 1 % of the rows is as far from others as one of 1 %. Otherwise rows
 * of rare categories would be the furthest of all, and hide rows that are far in another way.
 */
const LEAST_CATEGORY_SCALE = 0.2;
const LEAST_REFERENCE_ROWS = 200;

/** A reference with filled values, for rows with categories or missing values. */
export interface FittedRows extends FilledRows {
  readonly levels: readonly Levels[];
  readonly whitening: Whitening;
  readonly neighbours: number;
  /** Ascending. */
  readonly calibration: Float64Array;
}

/**
 * Fits the comparison with the nearest rows to rows with categories or missing values: groups categories, fills missing values, and
 * whitens the columns. The rows with the fewest filled values calibrate it. Of many rows, an evenly spaced sample is used.
 *
 * @param labels class of each row, or null
 * @param maxNumbers largest number of columns × reference rows, beyond the least number of rows
 */
export function fitFilled(
  rows: Rows,
  features: readonly Feature[],
  labels: Int32Array | null,
  classCount: number,
  rank: number,
  maxNumbers: number,
): FittedRows {
  const levels = fitLevels(rows, features);
  const encoding = createRowEncoding(levels);
  const sample = toSample(
    rows,
    Math.max(LEAST_REFERENCE_ROWS, Math.floor(maxNumbers / encoding.width)),
  );
  const { values, filled } = fillMissing(toKnown(rows, sample, features), features);
  const { width } = encoding;
  const count = sample.length;
  const encoded = encodeRows(encoding, values);
  const sampleLabels = labels === null ? null : sample.map((row) => labels[row]!);
  const least = toLeastScales(encoding, levels);
  const fitted = fitWhitening(encoded, count, width, sampleLabels, classCount, least);
  const whitening = moveUnknown(fitted, encoding, levels);
  const neighbours = Math.max(1, Math.min(rank, count - 1));
  const whitened = whitenRows(whitening, encoded);
  const folds = toFoldCount(count, width);
  const training = { values: encoded, count, width, labels: sampleLabels, classCount, least };
  const scores =
    folds > 0
      ? toCrossFitScores(training, neighbours, folds)
      : toKnnCalibration({ ...fitted, matrix: whitening.matrix }, whitened, classCount, neighbours);
  const source = { whitening, rows: whitened, filled, columns: encoding.columns };
  const calibration = Float64Array.from(selectCalibrationRows(source, []), (row) => scores[row]!);
  return { levels, whitening, values, filled, neighbours, calibration: calibration.toSorted() };
}

/** Returns at most `limit` rows that have a value, evenly spaced; row 0 if there are none. */
function toSample({ values, count, width }: Rows, limit: number): Int32Array {
  const kept: number[] = [];
  for (let row = 0; row < count; row++) {
    const cells = values.subarray(row * width, (row + 1) * width);
    if (cells.some((value) => !Number.isNaN(value))) kept.push(row);
  }
  if (kept.length === 0) return Int32Array.of(0);
  const length = Math.min(kept.length, limit);
  return Int32Array.from({ length }, (_, i) => kept[Math.floor((i * kept.length) / length)]!);
}

/** Copies rows. An unknown category becomes a missing value: it is to be further away than any known one. */
function toKnown(
  { values, width }: Rows,
  sample: Int32Array,
  features: readonly Feature[],
): Float64Array {
  const known = new Float64Array(sample.length * width);
  for (const [index, row] of sample.entries()) {
    for (const [f, { categories }] of features.entries()) {
      const value = values[row * width + f]!;
      known[index * width + f] =
        categories !== undefined && value >= categories.length ? Number.NaN : value;
    }
  }
  return known;
}

function toLeastScales({ width, columns }: RowEncoding, levels: readonly Levels[]): Float64Array {
  const least = new Float64Array(width);
  for (const [feature, codes] of levels.entries()) {
    if (codes !== null) least.fill(LEAST_CATEGORY_SCALE, columns[feature], columns[feature + 1]);
  }
  return least;
}

/**
 * Moves unknown categories as far from each known one as the two known categories of the feature that are furthest from each other. No
 * training row has an unknown category, so its column is independent of all others.
 */
function moveUnknown(
  whitening: Whitening,
  encoding: RowEncoding,
  levels: readonly Levels[],
): Whitening {
  const { width } = whitening;
  const matrix = whitening.matrix.slice();
  const entry = (i: number, j: number): number => (j > i ? 0 : matrix[(i * (i + 1)) / 2 + j]!);
  for (const [feature, codes] of levels.entries()) {
    if (codes === null) continue;
    const first = encoding.columns[feature]!;
    const unknown = encoding.columns[feature + 1]! - 1;
    let furthest = 1 / LEAST_CATEGORY_SCALE ** 2;
    for (let a = first; a < unknown; a++) {
      for (let b = first - 1; b < a; b++) {
        let squared = 0;
        // Level 0, which has no column, stands before the first.
        for (let i = 0; i < width; i++)
          squared += (entry(i, a) - (b < first ? 0 : entry(i, b))) ** 2;
        furthest = Math.max(furthest, squared);
      }
    }
    matrix[(unknown * (unknown + 1)) / 2 + unknown] = Math.sqrt(furthest);
  }
  return { width, centre: whitening.centre, matrix };
}
