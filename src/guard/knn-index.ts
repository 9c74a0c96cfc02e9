/** Reference rows laid out for the search of nearest neighbours. */
interface KnnIndex {
  readonly width: number;
  /** Row-major: the rows in ascending order of their first coordinate, each row's coordinates in the order of `axes`. */
  readonly rows: Float64Array;
  /** Where each coordinate came from, the one with the widest spread first. */
  readonly axes: Int32Array;
  /** Where each row came from. */
  readonly order: Int32Array;
}

/**
 * Sorts the rows along the coordinate that varies most, and lets every row begin with it: a search then
 * starts near its target and ends when that coordinate alone is too far.
 *
 * @param rows row-major; not kept
 */
export function createKnnIndex(rows: Float64Array, width: number): KnnIndex {
  const count = rows.length / width;
  const at = (row: number, axis: number): number => rows[row * width + axis] as number;
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
  const axes = Int32Array.from(spreads.keys()).toSorted(
    (a, b) => (spreads[b] as number) - (spreads[a] as number),
  );
  const widest = axes[0] ?? 0;
  const order = Int32Array.from({ length: count }, (_, row) => row).toSorted(
    (a, b) => at(a, widest) - at(b, widest),
  );
  const sorted = new Float64Array(rows.length);
  for (const [index, row] of order.entries()) {
    for (const [j, axis] of axes.entries()) sorted[index * width + j] = at(row, axis);
  }
  return { width, rows: sorted, axes, order };
}

/** What taking the target itself out of the covariance adds to every distance: weight × (v·residual)². */
export interface Removal {
  readonly weight: number;
  readonly residual: Float64Array;
}

/**
 * The squared distance from a target to its k-th nearest row, k being `nearest.length`. +Infinity when there
 * are fewer rows, or the target lies too far out for a double. Allocates nothing.
 *
 * @param target coordinates in the order of the index's axes, from `target[targetStart]`
 * @param excluded a row of the index to leave out; −1 for none
 * @param removal null for plain Euclidean distance
 * @param nearest scratch: squared distances to the nearest rows so far, ascending
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
  const first = target[targetStart] as number;
  nearest.fill(Number.POSITIVE_INFINITY);
  let furthest = Number.POSITIVE_INFINITY;
  let above = toFirstAbove(rows, width, first);
  let below = above - width;
  for (;;) {
    const gapBelow = below >= 0 ? first - (rows[below] as number) : Number.POSITIVE_INFINITY;
    const gapAbove =
      above < rows.length ? (rows[above] as number) - first : Number.POSITIVE_INFINITY;
    const isBelow = gapBelow < gapAbove;
    const gap = isBelow ? gapBelow : gapAbove;
    let squared = gap * gap;
    // Written so that NaN, which only an overflow can bring, ends the search.
    if (!(squared < furthest)) return furthest;
    const start = isBelow ? below : above;
    if (isBelow) below -= width;
    else above += width;

    for (let j = 1; j < width && squared < furthest; j++) {
      const difference = (target[targetStart + j] as number) - (rows[start + j] as number);
      squared += difference * difference;
    }
    if (!(squared < furthest) || start === excluded * width) continue;
    if (removal !== null) {
      squared += toRemoved(removal, target, targetStart, rows, start);
      if (!(squared < furthest)) continue;
    }
    let at = last;
    while (at > 0 && (nearest[at - 1] as number) > squared) {
      nearest[at] = nearest[at - 1] as number;
      at--;
    }
    nearest[at] = squared;
    furthest = nearest[last] as number;
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
    const difference = (target[targetStart + j] as number) - (rows[start + j] as number);
    along += difference * (residual[j] as number);
  }
  return weight * along * along;
}

/** Where the first row starts whose first coordinate is not below `first`. */
function toFirstAbove(rows: Float64Array, width: number, first: number): number {
  let low = 0;
  let high = rows.length / width;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle * width] as number) < first) low = middle + 1;
    else high = middle;
  }
  return low * width;
}
