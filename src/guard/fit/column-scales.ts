/** Centre and scale of each feature, and the rows in these units. */
interface ColumnScales {
  /** Mean of each feature. */
  readonly centre: Float64Array;
  /**
   * Unit of each feature, above 0: its standard deviation within classes, or over all rows when it does not vary within
   * classes. A constant feature has the size of a rounding error, so that any real change of it is far away.
   */
  readonly scale: Float64Array;
  /** Indexes of the features that vary within classes. */
  readonly active: readonly number[];
  /** Row-major, `count × active.length`: class-centred active features in units of their scale. */
  readonly residuals: Float64Array;
}

/** About 10 roundings to float32: a constant that a client rounds to float32 has not changed. */
export const CONSTANT_TOLERANCE = 2 ** -20;

/** A spread within classes below this share of the whole spread is a rounding error of the means. */
const LEAST_SPREAD = 1e-6;

/** The inverse of a subnormal scale would not be finite. */
const LEAST_SCALE = 1e-290;

/**
 * Computes the centre and scale of each feature.
 *
 * @param values row-major, `count × width`, all within ±1e300
 * @param labels one class index per row; null centres all rows on one mean
 * @param least least scale of each feature; one with less is treated as independent of the others
 */
export function toColumnScales(
  values: Float64Array,
  count: number,
  width: number,
  labels: Int32Array | null,
  classCount: number,
  least: Float64Array | null = null,
): ColumnScales {
  const centre = new Float64Array(width);
  const scale = new Float64Array(width);
  const active: number[] = [];
  const residuals = new Float64Array(count * width);
  const column = new Float64Array(count);
  for (let feature = 0; feature < width; feature++) {
    for (let row = 0; row < count; row++) column[row] = values[row * width + feature]!;
    const { mean, spread } = standardise(column);
    centre[feature] = mean;
    if (spread === 0) {
      scale[feature] = CONSTANT_TOLERANCE * (mean === 0 ? 1 : Math.abs(mean));
    } else {
      if (labels !== null) subtractClassMeans(column, labels, classCount);
      const within = toDeviation(column);
      scale[feature] = spread * (within > LEAST_SPREAD ? within : 1);
      const isActive = within > LEAST_SPREAD && spread * within > (least?.[feature] ?? 0);
      if (isActive) {
        for (let row = 0; row < count; row++) {
          residuals[row * width + active.length] = column[row]! / within;
        }
        active.push(feature);
      }
    }
    scale[feature] = Math.max(LEAST_SCALE, least?.[feature] ?? 0, scale[feature]!);
  }

  return { centre, scale, active, residuals: toNarrower(residuals, width, active.length) };
}

/** Keeps the first `narrower` numbers of each row, in place. */
function toNarrower(values: Float64Array, width: number, narrower: number): Float64Array {
  if (narrower === width) return values;
  const count = values.length / width;
  for (let row = 0; row < count; row++) {
    values.copyWithin(row * narrower, row * width, row * width + narrower);
  }
  return values.subarray(0, count * narrower);
}

/** Scales a column to mean 0 and deviation 1 in place; a constant column becomes zeros, with spread 0. */
function standardise(column: Float64Array): { mean: number; spread: number } {
  let largest = 0;
  let constant = true;
  for (const value of column) {
    largest = Math.max(largest, Math.abs(value));
    constant &&= value === column[0];
  }
  if (constant) {
    const mean = column[0] ?? 0;
    column.fill(0);
    return { mean, spread: 0 };
  }
  // In units close to the largest value no square can overflow. Division by a power of two does not round.
  const unit = 2 ** Math.min(1_023, Math.floor(Math.log2(largest)));
  for (let row = 0; row < column.length; row++) column[row]! /= unit;
  const mean = toMean(column);
  for (let row = 0; row < column.length; row++) column[row]! -= mean;
  const deviation = toDeviation(column);
  for (let row = 0; row < column.length; row++) column[row]! /= deviation;
  return { mean: mean * unit, spread: deviation * unit };
}

function subtractClassMeans(column: Float64Array, labels: Int32Array, classCount: number): void {
  const sums = new Float64Array(classCount);
  const counts = new Float64Array(classCount);
  for (let row = 0; row < column.length; row++) {
    const label = labels[row]!;
    sums[label]! += column[row]!;
    counts[label]! += 1;
  }
  for (let row = 0; row < column.length; row++) {
    const label = labels[row]!;
    column[row]! -= sums[label]! / counts[label]!;
  }
}

function toMean(column: Float64Array): number {
  let sum = 0;
  for (const value of column) sum += value;
  return sum / column.length;
}

/** Returns the root mean square: the standard deviation of a column of mean 0. */
function toDeviation(column: Float64Array): number {
  let sum = 0;
  for (const value of column) sum += value * value;
  return Math.sqrt(sum / column.length);
}
