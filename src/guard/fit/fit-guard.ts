import { TepalError } from "../../kernel/errors.ts";
import type { Problem } from "../../kernel/errors.ts";
import type { Rows } from "../../tabular/tabular.ts";
import { fitBins } from "../bins.ts";
import { toCrossFitScores, toFoldCount } from "./cross-fit.ts";
import type { FittedGuard, GuardParameters } from "../guard.ts";
import { NEIGHBOURS, toKnnCalibration } from "../knn.ts";
import { fitMahalanobis } from "../mahalanobis.ts";
import { encodeReference } from "../reference.ts";
import { fitWhitening, whiten } from "../whitening.ts";

export interface FitGuardOptions {
  /**
   * How rows are scored.
   * @default "knn" up to 20,000 numbers in the training data, where a row costs about 50 µs at the most;
   *   "mahalanobis" above, where the cost no longer depends on the number of rows
   */
  readonly method?: "knn" | "mahalanobis";
}

/** The most numbers (rows × features) that a row is compared with by default. */
const MAX_KNN_NUMBERS = 20_000;

/**
 * The most features that a guard can be fitted to. Whitening costs width²/2 multiplications for every row served, and
 * as many numbers in the file: 2 ms and 16 MB here; fitting costs width³/3.
 */
export const MAX_GUARD_FEATURES = 2_000;

/** Differences of such values are still far from overflowing. */
const MAX_MAGNITUDE = 1e300;

/**
 * Learns what rows like the training data look like. Rows with a missing value count for the bins and
 * class ratios only. Calibration scores are over all complete rows: leave-one-out in closed form where there are
 * 75·√features of them or more, O(rows² × features) for knn and O(rows × features²) for mahalanobis; with fewer by refitting
 * without each row, or each fold of rows where that would take longer than about 2 s and than the fit itself. Deterministic: the same
 * rows give the same bytes.
 *
 * @param labels each row's class, an index below `classCount`; null for regression
 * @param classCount number of classes; 0 for regression
 * @throws TepalError INVALID_DATA with every problem: no rows or features, more than MAX_GUARD_FEATURES, a
 *   value beyond ±1e300, labels that don't fit
 */
export function fitGuard(
  rows: Rows,
  labels: Int32Array | null,
  classCount: number,
  options: FitGuardOptions = {},
): FittedGuard {
  checkData(rows, labels, classCount);
  const complete = toCompleteRows(rows, labels);
  const { values, count } = complete;
  const { width } = rows;
  const method = options.method ?? (values.length <= MAX_KNN_NUMBERS ? "knn" : "mahalanobis");
  const neighbours = Math.max(1, Math.min(NEIGHBOURS, count - 1));
  const whitening = fitWhitening(values, count, width, complete.labels, classCount);

  const whitened = new Float64Array(values.length);
  const centred = new Float64Array(width);
  for (let at = 0; at < values.length; at += width) {
    whiten(whitening, values, at, whitened, at, centred);
  }
  const folds = toFoldCount(count, width);
  const means = method === "knn" ? null : fitMahalanobis(whitening, whitened, classCount);
  let calibration: Float64Array;
  if (folds > 0) {
    const sample = { ...complete, width, classCount };
    calibration = toCrossFitScores(sample, method === "knn" ? neighbours : null, folds);
  } else {
    calibration =
      means?.calibration ?? toKnnCalibration(whitening, whitened, classCount, neighbours);
  }
  const reference = means?.reference ?? whitened;

  const parameters: GuardParameters = {
    method,
    neighbours,
    calibration_rows: count,
    reference_rows: reference.length / width,
    bins: Array.from({ length: width }, (_, feature) => fitBins(toColumn(rows, feature))),
    class_ratios: toClassRatios(labels, classCount),
  };
  const { centre, matrix } = whitening;
  return {
    parameters,
    reference: encodeReference({
      method,
      whitening: { width, centre, matrix },
      rows: reference,
      calibration: calibration.toSorted(),
    }),
  };
}

function checkData(rows: Rows, labels: Int32Array | null, classCount: number): void {
  const problems: Problem[] = [];
  if (rows.count === 0 || rows.width === 0) {
    problems.push({ at: "rows", message: "There must be at least one row and one feature." });
  }
  if (rows.width > MAX_GUARD_FEATURES) {
    const message = `There are ${rows.width} features; the guard takes up to ${MAX_GUARD_FEATURES}.`;
    problems.push({ at: "rows", message });
  }
  const extreme = rows.values.findIndex((value) => Math.abs(value) > MAX_MAGNITUDE);
  if (extreme >= 0) {
    const column = (extreme % rows.width) + 1;
    problems.push({
      at: `row ${Math.floor(extreme / rows.width) + 1}, column ${column}`,
      message: `The value ${rows.values[extreme]} is beyond ±${MAX_MAGNITUDE}; mend it, or leave it out as missing.`,
    });
  }
  if (labels !== null && labels.length !== rows.count) {
    const message = `There are ${labels.length} labels for ${rows.count} rows; there must be one a row.`;
    problems.push({ at: "labels", message });
  }
  const unknown = labels?.findIndex((label) => label < 0 || label >= classCount) ?? -1;
  if (unknown >= 0) {
    const message = `Label ${labels?.[unknown]} is not an index of one of the ${classCount} classes.`;
    problems.push({ at: `row ${unknown + 1}`, message });
  }
  if (problems.length > 0) {
    throw new TepalError("INVALID_DATA", "The guard cannot be fitted to this data.", { problems });
  }
}

interface CompleteRows {
  readonly values: Float64Array;
  readonly count: number;
  readonly labels: Int32Array | null;
}

function toCompleteRows(rows: Rows, labels: Int32Array | null): CompleteRows {
  const { width } = rows;
  const kept: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    const values = rows.values.subarray(row * width, (row + 1) * width);
    if (!values.includes(Number.NaN)) kept.push(row);
  }
  const values = new Float64Array(kept.length * width);
  for (const [index, row] of kept.entries()) {
    values.set(rows.values.subarray(row * width, (row + 1) * width), index * width);
  }
  const keptLabels = labels === null ? null : Int32Array.from(kept, (row) => labels[row] as number);
  return { values, count: kept.length, labels: keptLabels };
}

function toColumn(rows: Rows, feature: number): Float64Array {
  const column = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    column[row] = rows.values[row * rows.width + feature] as number;
  }
  return column;
}

function toClassRatios(labels: Int32Array | null, classCount: number): number[] {
  if (labels === null) return [];
  const counts = Array.from({ length: classCount }, () => 0);
  for (const label of labels) counts[label]! += 1;
  return counts.map((count) => count / labels.length);
}
