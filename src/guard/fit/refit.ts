import { createInverseCholesky } from "./cholesky.ts";
import { toColumnScales } from "./column-scales.ts";
import { toCentredRows } from "./leave-one-out.ts";
import type { CentredRows } from "./leave-one-out.ts";
import { toShrunkCovariance } from "./ledoit-wolf.ts";
import { toSpanCoordinates } from "./orthonormal-basis.ts";
import { LEAST_SHRINKAGE } from "./fit-whitening.ts";
import { whiten, type Whitening } from "../whitening.ts";

/** Training rows without missing values. */
export interface CompleteRows {
  /** Row-major, `count × width`, all within ±1e300. */
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
  /** One class index per row, or null. */
  readonly labels: Int32Array | null;
  readonly classCount: number;
  /** Least scale of each feature, or null. */
  readonly least?: Float64Array | null;
}

/** Returns the number of multiplications of a refit: fitting, and whitening all rows. */
export function toFitCost(count: number, width: number): number {
  return Math.min(toPlainCost(count, width), toSpanCost(count, width));
}

/** Returns the number of multiplications of `fitWhitening`, and of whitening all rows. */
export function toPlainCost(count: number, width: number): number {
  return count * width ** 2 + width ** 3 / 3;
}

function toSpanCost(count: number, width: number): number {
  return count ** 2 * width + (4 / 3) * count ** 3;
}

interface WhitenedRows {
  /** Row-major: the kept rows, then the left-out ones. */
  readonly rows: Float64Array;
  /** Number of coordinates of a row; may differ from the number of features, and preserves distances. */
  readonly width: number;
  /** The labels that centred the kept rows; null when all of them were centred on one mean. */
  readonly keptLabels: Int32Array | null;
}

/**
 * Whitens all rows as `fitWhitening` on the kept rows alone would, up to a rotation. With fewer rows than features, all
 * computations run in the span of the rows, at a cost of count³ instead of width³.
 */
export function toWhitenedRows(
  training: CompleteRows,
  kept: Int32Array,
  left: Int32Array,
): WhitenedRows {
  const { values, count, width, labels, classCount, least } = training;
  const keptValues = toRows(training, kept);
  let keptLabels = labels === null ? null : kept.map((row) => labels[row]!);
  let scales = toColumnScales(keptValues, kept.length, width, keptLabels, classCount, least);
  if (keptLabels !== null && scales.active.length === 0) {
    keptLabels = null;
    scales = toColumnScales(keptValues, kept.length, width, null, 0, least);
  }
  const { centre, scale, active } = scales;

  const ordered = new Int32Array(count);
  ordered.set(kept);
  ordered.set(left, kept.length);
  const toScaled = (features: readonly number[]): Float64Array => {
    const scaled = new Float64Array(count * features.length);
    for (let index = 0, at = 0; index < count; index++) {
      const start = ordered[index]! * width;
      for (let k = 0; k < features.length; k++, at++) {
        const j = features[k]!;
        scaled[at] = (values[start + j]! - centre[j]!) / scale[j]!;
      }
    }
    return scaled;
  };
  const isSpan = toSpanCost(count, active.length) < toPlainCost(count, active.length);
  const inner = isSpan ? count : active.length;
  const scaled = isSpan
    ? toSpanCoordinates(toScaled(active), count, active.length)
    : toScaled(active);
  const whitening = fitScaled(
    toCentredRows(scaled.subarray(0, kept.length * inner), inner, keptLabels, classCount),
    kept.length,
    active.length,
  );

  // Features without spread inside their class are treated as independent, as in `fitWhitening`.
  const isActive = new Set(active);
  const others = Array.from({ length: width }, (_, j) => j).filter((j) => !isActive.has(j));
  const scaledOthers = toScaled(others);
  const outer = inner + others.length;
  const rows = new Float64Array(count * outer);
  const scratch = new Float64Array(inner);
  for (let row = 0; row < count; row++) {
    whiten(whitening, scaled, row * inner, rows, row * outer, scratch);
    for (let j = 0; j < others.length; j++) {
      rows[row * outer + inner + j] = scaledOthers[row * others.length + j]!;
    }
  }
  return { rows, width: outer, keptLabels };
}

/**
 * Fits a whitening to scaled rows.
 *
 * @param dimensions number of features that the coordinates represent
 */
function fitScaled(centred: CentredRows, count: number, dimensions: number): Whitening {
  const { rows, width, labels, means } = centred;
  const residuals = new Float64Array(rows.length);
  for (let row = 0, at = 0; row < count; row++) {
    const mean = labels === null ? 0 : labels[row]! * width;
    for (let j = 0; j < width; j++, at++) {
      residuals[at] = rows[at]! - means[mean + j]!;
    }
  }
  const { covariance } = toShrunkCovariance(residuals, count, width, LEAST_SHRINKAGE, dimensions);
  return {
    width,
    centre: new Float64Array(width),
    matrix: createInverseCholesky(covariance, width),
  };
}

function toRows({ values, width }: CompleteRows, order: Int32Array): Float64Array {
  const rows = new Float64Array(order.length * width);
  for (let index = 0, at = 0; index < order.length; index++) {
    const start = order[index]! * width;
    for (let j = 0; j < width; j++, at++) rows[at] = values[start + j]!;
  }
  return rows;
}
