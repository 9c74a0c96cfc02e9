import { TepalError, type Problem } from "../../kernel/errors.ts";
import { hasCategories } from "../../tabular/schema.ts";
import type { Feature, Rows } from "../../tabular/tabular.ts";
import { encodeFilledReference } from "../filled-reference.ts";
import type { FittedGuard } from "../guard.ts";
import { encodeReference } from "../reference.ts";
import { measureRowMatching, pickHashedFeatures } from "../row-matches.ts";
import { whitenRows } from "../whitening.ts";
import { toCrossFitScores, toFoldCount } from "./cross-fit.ts";
import { fitBins } from "./fit-bins.ts";
import { fitFeatureReference } from "./fit-feature-reference.ts";
import { fitFilled } from "./fit-filled.ts";
import { fitMahalanobis } from "./fit-mahalanobis.ts";
import { fitWhitening } from "./fit-whitening.ts";
import { toKnnCalibration } from "./knn-calibration.ts";
import type { CompleteRows } from "./refit.ts";

export interface FitGuardOptions {
  /**
   * Score of a row: the distance to its nearest training rows, or to the nearest class mean.
   * @default "knn" up to 50,000 numbers in the training data, where a row costs about 20 µs at most; "mahalanobis" above,
   *   where the cost is independent of the number of training rows. With categories or missing values always "knn", on a sample of the
   *   rows if there are more: only rows show which distances are usual in some of the features
   */
  readonly method?: "knn" | "mahalanobis";
  /** The features of the rows; by default all are numbers. */
  readonly features?: readonly Feature[];
}

/** Maximum number of training values (rows × features) that "knn" compares a row with by default. */
const MAX_KNN_NUMBERS = 50_000;
/** Maximum number of values of the rows that rows with missing values are compared with. Each pattern of missing values has a copy. */
const MAX_FILLED_NUMBERS = 20_000;

/** Rank of the neighbour whose distance is the score, where there are enough rows. */
const NEIGHBOURS = 5;

/**
 * Maximum number of features that a guard can be fitted to. Whitening costs width²/2 multiplications for each row served,
 * and as many numbers in the file: 2 ms and 16 MB at this maximum. Fitting costs width³/3.
 */
export const MAX_GUARD_FEATURES = 2_000;

/** Differences of such values are far from overflow. */
const MAX_MAGNITUDE = 1e300;

/**
 * Fits a guard to training rows. With categories or missing values, fit-filled.ts does. With the method "mahalanobis", rows with a missing
 * value count only for the bins and class ratios. Each other row gets a calibration score:
 *
 * - With 75·√features complete rows or more, leave-one-out scores in closed form: O(rows² × features) for knn and
 *   O(rows × features²) for mahalanobis.
 * - With fewer, scores of a guard that is refitted without each row; or without each fold of rows, where a fit for each
 *   row would take longer than about 2 s and longer than the guard's own fit.
 *
 * The same rows give the same bytes.
 *
 * @param labels class of each row, an index below `classCount`; null for regression
 * @param classCount number of classes; 0 for regression
 * @throws TepalError INVALID_DATA with every problem: no rows or features, more than MAX_GUARD_FEATURES features, a value
 *   beyond ±1e300, a number of labels other than that of the rows, a label that is no class index
 */
export function fitGuard(
  rows: Rows,
  labels: Int32Array | null,
  classCount: number,
  options: FitGuardOptions = {},
): FittedGuard {
  checkData(rows, labels, classCount);
  const { width } = rows;
  const { features } = options;
  const isMixed = features !== undefined && hasCategories(features);
  const bins = isMixed
    ? fitFeatureReference(rows, features).bins
    : Array.from({ length: width }, (_, feature) => fitBins(toColumn(rows, feature)));
  const common = {
    training_rows: rows.count,
    bins,
    class_ratios: toClassRatios(labels, classCount),
    row_matching: measureRowMatching(pickHashedFeatures(bins), rows.values, width),
  };
  const complete = toCompleteRows(rows, labels, classCount);
  const { values, count } = complete;
  const method = options.method ?? (values.length <= MAX_KNN_NUMBERS ? "knn" : "mahalanobis");
  if (isMixed || (count < rows.count && options.method !== "mahalanobis")) {
    const known = features ?? bins.map((_, index) => toNumberFeature(index));
    const fitted = fitFilled(rows, known, labels, classCount, NEIGHBOURS, MAX_FILLED_NUMBERS);
    return {
      parameters: {
        method: "knn",
        neighbours: fitted.neighbours,
        calibration_rows: fitted.calibration.length,
        reference_rows: fitted.values.length / width,
        ...common,
        ...(isMixed && { levels: fitted.levels }),
      },
      reference: encodeFilledReference({ ...fitted, features: width }),
    };
  }
  const neighbours = Math.max(1, Math.min(NEIGHBOURS, count - 1));
  const whitening = fitWhitening(values, count, width, complete.labels, classCount);
  const whitened = whitenRows(whitening, values);
  const folds = toFoldCount(count, width);
  const means = method === "knn" ? null : fitMahalanobis(whitening, whitened, classCount);
  let calibration: Float64Array;
  if (folds > 0) {
    calibration = toCrossFitScores(complete, method === "knn" ? neighbours : null, folds);
  } else {
    calibration =
      means?.calibration ?? toKnnCalibration(whitening, whitened, classCount, neighbours);
  }
  const reference = means?.reference ?? whitened;
  const { centre, matrix } = whitening;
  return {
    parameters: {
      method,
      neighbours,
      calibration_rows: count,
      reference_rows: reference.length / width,
      ...common,
    },
    reference: encodeReference({
      method,
      whitening: { width, centre, matrix },
      rows: reference,
      calibration: calibration.toSorted(),
    }),
  };
}

function toNumberFeature(index: number): Feature {
  return {
    name: `x${index}`,
    type: "number",
    precision: "float64",
    unit: null,
    min: null,
    max: null,
    nullable: true,
  };
}

function checkData(rows: Rows, labels: Int32Array | null, classCount: number): void {
  const problems: Problem[] = [];
  if (rows.count === 0 || rows.width === 0) {
    const message = `Expected at least 1 row and 1 feature, got ${rows.count} rows and ${rows.width} features.`;
    problems.push({ at: "rows", message });
  }
  if (rows.width > MAX_GUARD_FEATURES) {
    const message = `Expected at most ${MAX_GUARD_FEATURES} features, got ${rows.width}.`;
    problems.push({ at: "rows", message });
  }
  const extreme = rows.values.findIndex((value) => Math.abs(value) > MAX_MAGNITUDE);
  if (extreme >= 0) {
    const column = (extreme % rows.width) + 1;
    problems.push({
      at: `row ${Math.floor(extreme / rows.width) + 1}, column ${column}`,
      message: `Expected a number from -${MAX_MAGNITUDE} to ${MAX_MAGNITUDE}, got ${rows.values[extreme]}. Correct the value, or leave it empty.`,
    });
  }
  if (labels !== null && labels.length !== rows.count) {
    const message = `Expected one label per row, got ${labels.length} labels for ${rows.count} rows.`;
    problems.push({ at: "labels", message });
  }
  const unknown = labels?.findIndex((label) => label < 0 || label >= classCount) ?? -1;
  if (unknown >= 0) {
    const message = `Expected a class index from 0 to ${classCount - 1}, got ${labels?.[unknown]}.`;
    problems.push({ at: `row ${unknown + 1}`, message });
  }
  if (problems.length > 0) {
    throw new TepalError("INVALID_DATA", "The trust check cannot be fitted to this data.", {
      problems,
    });
  }
}

function toCompleteRows(rows: Rows, labels: Int32Array | null, classCount: number): CompleteRows {
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
  const keptLabels = labels === null ? null : Int32Array.from(kept, (row) => labels[row]!);
  return { values, count: kept.length, width, labels: keptLabels, classCount };
}

function toColumn(rows: Rows, feature: number): Float64Array {
  const column = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    column[row] = rows.values[row * rows.width + feature]!;
  }
  return column;
}

function toClassRatios(labels: Int32Array | null, classCount: number): number[] {
  if (labels === null) return [];
  const counts = Array.from({ length: classCount }, () => 0);
  for (const label of labels) counts[label]! += 1;
  return counts.map((count) => count / labels.length);
}
