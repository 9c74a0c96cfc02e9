import type { Removal } from "../knn-index.ts";

/** Whitened rows with the means that centre them. */
export interface CentredRows {
  /** Row-major, whitened. */
  readonly rows: Float64Array;
  readonly width: number;
  /** Class of each row; null when all rows share one mean. */
  readonly labels: Int32Array | null;
  /** Row-major, one mean per class; zeros for a class without rows. */
  readonly means: Float64Array;
  /** Number of rows in each class. */
  readonly sizes: Float64Array;
}

/**
 * Computes the mean of each class.
 *
 * @param rows whitened, row-major; kept
 */
export function toCentredRows(
  rows: Float64Array,
  width: number,
  labels: Int32Array | null,
  classCount: number,
): CentredRows {
  const sizes = new Float64Array(labels === null ? 1 : classCount);
  const means = new Float64Array(sizes.length * width);
  for (let start = 0, row = 0; start < rows.length; start += width, row++) {
    const own = labels === null ? 0 : labels[row]!;
    const size = (sizes[own]! += 1);
    for (let j = 0; j < width; j++) {
      const mean = means[own * width + j]!;
      means[own * width + j] = mean + (rows[start + j]! - mean) / size;
    }
  }
  return { rows, width, labels, means, sizes };
}

/**
 * The removal of row i from the covariance that whitened it. In whitened space that covariance is I; without the row it
 * is n/(n − 1)·(I − a·u·uᵀ), where u is the row's residual from its class mean and a = (1 − ρ)·m/((m − 1)·n) in a class
 * of m rows. By Sherman–Morrison, the squared length of v becomes (n − 1)/n·(|v|² + a/(1 − a·|u|²)·(v·u)²). The centre,
 * the features' scales and ρ are not recomputed.
 *
 * Without the removal, training rows would look less far out than new rows do. The parts that are not recomputed still
 * favour training rows; cross-fit.ts shows where that effect is too large.
 */
interface RowRemoval extends Removal {
  readonly weight: number;
  readonly residual: Float64Array;
  /** |u|². */
  readonly squared: number;
}

/**
 * Creates a function that computes the removal of a row. The next call overwrites the residual of the previous one.
 *
 * @param shrinkage ρ of the covariance
 * @param isFitted by column: 0 where the row has no influence on its scale; null if it has in all
 */
export function createRowRemoval(
  centred: CentredRows,
  shrinkage: number,
  isFitted: Uint8Array | null = null,
): (row: number) => RowRemoval {
  const { rows, width, labels, means, sizes } = centred;
  const residual = new Float64Array(width);
  return (row) => {
    const own = labels === null ? 0 : labels[row]!;
    let squared = 0;
    for (let j = 0; j < width; j++) {
      if (isFitted?.[j] === 0) continue;
      const difference = rows[row * width + j]! - means[own * width + j]!;
      residual[j] = difference;
      squared += difference * difference;
    }
    const size = sizes[own]!;
    // The only row of a class has no residual and contributes nothing to the covariance.
    const share = size > 1 ? ((1 - shrinkage) * size * width) / ((size - 1) * rows.length) : 0;
    const weight = share / Math.max(Number.EPSILON, 1 - share * squared);
    return { weight, residual, squared };
  };
}

/** Returns the factor √((n − 1)/n) of every distance without one of `count` rows; 1 where no row would be left. */
export function toRemovalScale(count: number): number {
  return count > 1 ? Math.sqrt((count - 1) / count) : 1;
}
