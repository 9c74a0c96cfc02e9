/**
 * The search of nearest neighbours. AssemblyScript, which `npm run generate` compiles to WebAssembly. It does the same as
 * `toNeighbourDistance` of src/guard/knn-index.ts, with the same bits, and the tests compare them.
 *
 * Rows are in ascending order of their first coordinate, four to a block: a block has its first coordinates, then its second ones, and so
 * on. Rows that fill up the last block are infinitely far away. All places are in bytes.
 */

/** Coordinates after which a search leaves a block that is too far away. */
const STEP: i32 = 4;

/** Puts a squared distance in its place among the nearest, which end at `last`. Returns the largest. */
function put(nearest: usize, last: usize, distance: f64): f64 {
  let at = last;
  while (at > nearest && load<f64>(at - 8) > distance) {
    store<f64>(at, load<f64>(at - 8));
    at -= 8;
  }
  store<f64>(at, distance);
  return load<f64>(last);
}

/** Measures the rows of a block. Returns the squared distance to the furthest of the nearest rows so far. */
function visit(
  block: usize,
  target: usize,
  width: i32,
  nearest: usize,
  last: usize,
  furthest: f64,
): f64 {
  const limit = f64x2.splat(furthest);
  let a = f64x2.splat(0);
  let b = a;
  let at = block;
  let from = 0;
  while (from < width) {
    const to = min(from + STEP, width);
    for (let j = from; j < to; j++) {
      const coordinate = v128.load_splat<f64>(target + ((<usize>j) << 3));
      const c = f64x2.sub(coordinate, v128.load(at));
      const d = f64x2.sub(coordinate, v128.load(at, 16));
      a = f64x2.add(a, f64x2.mul(c, c));
      b = f64x2.add(b, f64x2.mul(d, d));
      at += 32;
    }
    if (!v128.any_true(v128.or(f64x2.lt(a, limit), f64x2.lt(b, limit)))) return furthest;
    from = to;
  }
  let most = furthest;
  let squared = f64x2.extract_lane(a, 0);
  if (squared < most) most = put(nearest, last, squared);
  squared = f64x2.extract_lane(a, 1);
  if (squared < most) most = put(nearest, last, squared);
  squared = f64x2.extract_lane(b, 0);
  if (squared < most) most = put(nearest, last, squared);
  squared = f64x2.extract_lane(b, 1);
  if (squared < most) most = put(nearest, last, squared);
  return most;
}

/**
 * Returns the squared distance from a target to its k-th nearest row.
 *
 * @param nearest space for k numbers
 */
export function toNeighbourDistance(
  rows: usize,
  blocks: i32,
  width: i32,
  target: usize,
  nearest: usize,
  k: i32,
): f64 {
  const blockBytes = (<usize>width) << 5;
  const end = rows + <usize>blocks * blockBytes;
  const last = nearest + ((<usize>(k - 1)) << 3);
  for (let at = nearest; at <= last; at += 8) store<f64>(at, Infinity);
  let furthest: f64 = Infinity;
  const first = load<f64>(target);

  // The first block whose last row is not below the target.
  let low = 0;
  let high = blocks;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<f64>(rows + <usize>middle * blockBytes, 24) < first) low = middle + 1;
    else high = middle;
  }
  let above = rows + <usize>low * blockBytes;
  let below = above;
  while (true) {
    let gapBelow: f64 = Infinity;
    if (below > rows) gapBelow = first - load<f64>(below - blockBytes, 24);
    let gapAbove: f64 = Infinity;
    if (above < end) gapAbove = load<f64>(above) - first;
    if (gapAbove < 0) gapAbove = 0;
    // The negations let NaN, which only an overflow can produce, end the search.
    if (gapBelow < gapAbove) {
      if (!(gapBelow * gapBelow < furthest)) break;
      below -= blockBytes;
      furthest = visit(below, target, width, nearest, last, furthest);
    } else {
      if (!(gapAbove * gapAbove < furthest)) break;
      furthest = visit(above, target, width, nearest, last, furthest);
      above += blockBytes;
    }
  }
  return furthest;
}
