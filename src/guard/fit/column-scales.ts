/** Centre and scale of every feature, and the rows in those units. */
interface ColumnScales {
  /** Mean of each feature. */
  readonly centre: Float64Array;
  /**
   * What counts as one unit of each feature, above 0: its standard deviation within classes; over all
   * rows when classes have none; a rounding error's size when the feature is constant, so that any
   * real change of it is far away.
   */
  readonly scale: Float64Array;
  /** Indexes of the features that vary within classes. */
  readonly active: readonly number[];
  /** Row-major, `count × active.length`: class-centred active features in units of their scale. */
  readonly residuals: Float64Array;
}

/** About 10 float32 roundings: a constant that comes back as float32 has not changed. */
export const CONSTANT_TOLERANCE = 2 ** -20;

/** Within-class spread below this share of the whole spread is a rounding error of the means. */
const LEAST_SPREAD = 1e-6;

/** A subnormal scale would have no finite inverse. */
const LEAST_SCALE = 1e-290;

/**
 * @param values row-major, `count × width`, all within ±1e300
 * @param labels one class index a row; null centres every row on the one mean
 */
export function toColumnScales(
  values: Float64Array,
  count: number,
  width: number,
  labels: Int32Array | null,
  classCount: number,
): ColumnScales {
  const centre = new Float64Array(width);
  const scale = new Float64Array(width);
  const active: number[] = [];
  const residuals = new Float64Array(count * width);
  const column = new Float64Array(count);
  for (let feature = 0; feature < width; feature++) {
    for (let row = 0; row < count; row++) column[row] = values[row * width + feature] as number;
    const { mean, spread } = standardise(column);
    centre[feature] = mean;
    if (spread === 0) {
      scale[feature] = CONSTANT_TOLERANCE * (mean === 0 ? 1 : Math.abs(mean));
    } else {
      if (labels !== null) subtractClassMeans(column, labels, classCount);
      const within = toDeviation(column);
      scale[feature] = spread * (within > LEAST_SPREAD ? within : 1);
      if (within > LEAST_SPREAD) {
        for (let row = 0; row < count; row++) {
          residuals[row * width + active.length] = (column[row] as number) / within;
        }
        active.push(feature);
      }
    }
    scale[feature] = Math.max(LEAST_SCALE, scale[feature] as number);
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

/** Brings a column to mean 0 and deviation 1 in place; a constant one to zeros, with spread 0. */
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
  // In units near the largest value no square can overflow. A power of two divides without rounding.
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
    const label = labels[row] as number;
    sums[label]! += column[row] as number;
    counts[label]! += 1;
  }
  for (let row = 0; row < column.length; row++) {
    const label = labels[row] as number;
    column[row]! -= (sums[label] as number) / (counts[label] as number);
  }
}

function toMean(column: Float64Array): number {
  let sum = 0;
  for (const value of column) sum += value;
  return sum / column.length;
}

/** Root mean square: the standard deviation of a column of mean 0. */
function toDeviation(column: Float64Array): number {
  let sum = 0;
  for (const value of column) sum += value * value;
  return Math.sqrt(sum / column.length);
}
