/**
 * A remainder this much shorter than its row is a rounding error. To use it as a direction would do no harm, because each
 * step preserves all products, except for a remainder so short that its square is subnormal and its length inexact.
 */
const LEAST_REMAINDER = 1e-12;

/**
 * Returns the rows in an orthonormal basis of their own span: `count × count` numbers, row-major and lower triangular,
 * with the same sums, lengths and angles as the rows themselves. With fewer rows than features, a covariance needs no
 * more than these. By the modified Gram–Schmidt process, O(count² × width).
 *
 * A row too long for a double becomes NaN, and the other rows are computed without it.
 *
 * @param rows row-major, `count × width`; overwritten
 */
export function toSpanCoordinates(rows: Float64Array, count: number, width: number): Float64Array {
  const coordinates = new Float64Array(count * count);
  const lengths = Float64Array.from({ length: count }, (_, row) =>
    Math.sqrt(toProduct(rows, row * width, row * width, width)),
  );
  for (let base = 0; base < count; base++) {
    const start = base * width;
    const length = lengths[base]!;
    if (!Number.isFinite(length)) {
      coordinates.fill(Number.NaN, base * count, (base + 1) * count);
      continue;
    }
    const remainder = Math.sqrt(toProduct(rows, start, start, width));
    if (remainder <= LEAST_REMAINDER * length) continue;
    coordinates[base * count + base] = remainder;
    for (let j = start; j < start + width; j++) rows[j]! /= remainder;
    for (let row = base + 1; row < count; row++) {
      const along = toProduct(rows, start, row * width, width);
      coordinates[row * count + base] = along;
      for (let j = 0; j < width; j++) {
        rows[row * width + j]! -= along * rows[start + j]!;
      }
    }
  }
  return coordinates;
}

function toProduct(rows: Float64Array, a: number, b: number, width: number): number {
  let sum = 0;
  for (let j = 0; j < width; j++) sum += rows[a + j]! * rows[b + j]!;
  return sum;
}
