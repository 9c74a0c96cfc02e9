import type { Removal } from "../knn-index.ts";

/** Whitened rows with the means that centre them. */
export interface CentredRows {
  /** Row-major, whitened. */
  readonly rows: Float64Array;
  readonly width: number;
  /** Each row's class; null when all rows share one mean. */
  readonly labels: Int32Array | null;
  /** Row-major, one mean a class; zeros for a class without rows. */
  readonly means: Float64Array;
  /** Number of rows in each class. */
  readonly sizes: Float64Array;
}

/** @param rows whitened, row-major; kept */
export function toCentredRows(
  rows: Float64Array,
  width: number,
  labels: Int32Array | null,
  classCount: number,
): CentredRows {
  const sizes = new Float64Array(labels === null ? 1 : classCount);
  const means = new Float64Array(sizes.length * width);
  for (let start = 0, row = 0; start < rows.length; start += width, row++) {
    const own = labels === null ? 0 : (labels[row] as number);
    const size = (sizes[own]! += 1);
    for (let j = 0; j < width; j++) {
      const mean = means[own * width + j] as number;
      means[own * width + j] = mean + ((rows[start + j] as number) - mean) / size;
    }
  }
  return { rows, width, labels, means, sizes };
}

/**
 * How distances change when row i is taken out of the covariance that whitened it. In whitened space that
 * covariance is I; without the row it is n/(n − 1)·(I − a·u·uᵀ), where u is the row's residual from
 * its class mean and a = (1 − ρ)·m/((m − 1)·n) in a class of m rows. So, by Sherman–Morrison, the squared
 * length of v becomes (n − 1)/n·(|v|² + a/(1 − a·|u|²)·(v·u)²). The centre, the features' scales and ρ stay.
 *
 * Without it rows look less far out among themselves than new rows do. What stays still favours them: see
 * cross-fit.ts for where that is too much.
 */
interface RowRemoval extends Removal {
  readonly weight: number;
  readonly residual: Float64Array;
  /** |u|². */
  readonly squared: number;
}

/**
 * @param shrinkage ρ of the covariance
 * @returns the removal of a row; its residual is overwritten by the next call
 */
export function createRowRemoval(
  centred: CentredRows,
  shrinkage: number,
): (row: number) => RowRemoval {
  const { rows, width, labels, means, sizes } = centred;
  const residual = new Float64Array(width);
  return (row) => {
    const own = labels === null ? 0 : (labels[row] as number);
    let squared = 0;
    for (let j = 0; j < width; j++) {
      const difference = (rows[row * width + j] as number) - (means[own * width + j] as number);
      residual[j] = difference;
      squared += difference * difference;
    }
    const size = sizes[own] as number;
    // A class of one row has no residual and adds nothing.
    const share = size > 1 ? ((1 - shrinkage) * size * width) / ((size - 1) * rows.length) : 0;
    const weight = share / Math.max(Number.EPSILON, 1 - share * squared);
    return { weight, residual, squared };
  };
}

/** The factor √((n − 1)/n) of every distance without one of `count` rows; 1 where no row would be left. */
export function toRemovalScale(count: number): number {
  return count > 1 ? Math.sqrt((count - 1) / count) : 1;
}
