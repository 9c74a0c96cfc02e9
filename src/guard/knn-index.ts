/** Reference rows, sorted for the search of nearest neighbours. */
export interface KnnIndex {
  readonly width: number;
  /** Row-major: rows in ascending order of their first coordinate, the coordinates of each row in the order of `axes`. */
  readonly rows: Float64Array;
  /** The original index of each coordinate; the coordinate with the widest spread comes first. */
  readonly axes: Int32Array;
  /** The original index of each row. */
  readonly order: Int32Array;
}

/**
 * Creates an index whose rows are sorted by the coordinate that varies most, which comes first in each row. A search
 * then starts near its target and ends when that coordinate alone is too far away.
 *
 * @param rows row-major; not kept
 */
export function createKnnIndex(rows: Float64Array, width: number): KnnIndex {
  const count = rows.length / width;
  const at = (row: number, axis: number): number => rows[row * width + axis]!;
  const spreads = Float64Array.from({ length: width }, (_, axis) => {
    let mean = 0;
    let squares = 0;
    for (let row = 0; row < count; row++) {
      const step = at(row, axis) - mean;
      mean += step / (row + 1);
      squares += step * (at(row, axis) - mean);
    }
    return squares;
  });
  const axes = Int32Array.from(spreads.keys()).toSorted((a, b) => spreads[b]! - spreads[a]!);
  const widest = axes[0]!;
  const order = Int32Array.from({ length: count }, (_, row) => row).toSorted(
    (a, b) => at(a, widest) - at(b, widest),
  );
  const sorted = new Float64Array(rows.length);
  for (const [index, row] of order.entries()) {
    for (const [j, axis] of axes.entries()) sorted[index * width + j] = at(row, axis);
  }
  return { width, rows: sorted, axes, order };
}

/** Returns the rows that an index was created from. */
export function toOriginalRows({ width, rows, axes, order }: KnnIndex): Float64Array {
  const original = new Float64Array(rows.length);
  for (const [index, row] of order.entries()) {
    for (const [j, axis] of axes.entries()) original[row * width + axis] = rows[index * width + j]!;
  }
  return original;
}

/** The removal of the target from the covariance: adds weight × (v·residual)² to the squared length of every v. */
export interface Removal {
  readonly weight: number;
  readonly residual: Float64Array;
}

/**
 * Returns the squared distance from a target to its k-th nearest row, where k is `nearest.length`. +Infinity when there
 * are fewer rows, and when the target lies too far out for a double. Allocates nothing.
 *
 * @param target holds the coordinates, in the order of the index's axes, from `target[targetStart]` on
 * @param excluded row of the index to leave out; −1 for none
 * @param removal null for plain Euclidean distance
 * @param nearest scratch: squared distances to the nearest rows found so far, ascending
 */
export function toNeighbourDistance(
  index: KnnIndex,
  target: Float64Array,
  targetStart: number,
  excluded: number,
  removal: Removal | null,
  nearest: Float64Array,
): number {
  const { width, rows } = index;
  const last = nearest.length - 1;
  const first = target[targetStart]!;
  nearest.fill(Number.POSITIVE_INFINITY);
  let furthest = Number.POSITIVE_INFINITY;
  let above = toFirstAbove(rows, width, first);
  let below = above - width;
  for (;;) {
    const gapBelow = below >= 0 ? first - rows[below]! : Number.POSITIVE_INFINITY;
    const gapAbove = above < rows.length ? rows[above]! - first : Number.POSITIVE_INFINITY;
    const isBelow = gapBelow < gapAbove;
    const gap = isBelow ? gapBelow : gapAbove;
    let squared = gap * gap;
    // The negation lets NaN, which only an overflow can produce, end the search.
    if (!(squared < furthest)) return furthest;
    const start = isBelow ? below : above;
    if (isBelow) below -= width;
    else above += width;

    for (let j = 1; j < width && squared < furthest; j++) {
      const difference = target[targetStart + j]! - rows[start + j]!;
      squared += difference * difference;
    }
    if (!(squared < furthest) || start === excluded * width) continue;
    if (removal !== null) {
      squared += toRemoved(removal, target, targetStart, rows, start);
      if (!(squared < furthest)) continue;
    }
    let at = last;
    while (at > 0 && nearest[at - 1]! > squared) {
      nearest[at] = nearest[at - 1]!;
      at--;
    }
    nearest[at] = squared;
    furthest = nearest[last]!;
  }
}

function toRemoved(
  { weight, residual }: Removal,
  target: Float64Array,
  targetStart: number,
  rows: Float64Array,
  start: number,
): number {
  let along = 0;
  for (let j = 0; j < residual.length; j++) {
    const difference = target[targetStart + j]! - rows[start + j]!;
    along += difference * residual[j]!;
  }
  return weight * along * along;
}

/** Returns the start of the first row whose first coordinate is not below `first`. */
function toFirstAbove(rows: Float64Array, width: number, first: number): number {
  let low = 0;
  let high = rows.length / width;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle * width]! < first) low = middle + 1;
    else high = middle;
  }
  return low * width;
}
