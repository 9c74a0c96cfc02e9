/**
 * A rest this much shorter than its row is rounding. Taking it for a direction would do no harm, as every step keeps all
 * products, but for a rest so short that its square is subnormal and its length not precise.
 */
const LEAST_REST = 1e-12;

/**
 * The rows in an orthonormal basis of their own span: `count × count` numbers, row-major and lower
 * triangular, with the same sums, lengths and angles as the rows themselves. With fewer rows than features this is
 * what a covariance needs to know of them. By the modified Gram–Schmidt process, O(count² × width).
 *
 * A row too long for a double comes out as NaN, and the others as if it were not there.
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
    const length = lengths[base] as number;
    if (!Number.isFinite(length)) {
      coordinates.fill(Number.NaN, base * count, (base + 1) * count);
      continue;
    }
    const rest = Math.sqrt(toProduct(rows, start, start, width));
    if (rest <= LEAST_REST * length) continue;
    coordinates[base * count + base] = rest;
    for (let j = start; j < start + width; j++) rows[j]! /= rest;
    for (let row = base + 1; row < count; row++) {
      const along = toProduct(rows, start, row * width, width);
      coordinates[row * count + base] = along;
      for (let j = 0; j < width; j++) {
        rows[row * width + j]! -= along * (rows[start + j] as number);
      }
    }
  }
  return coordinates;
}

function toProduct(rows: Float64Array, a: number, b: number, width: number): number {
  let sum = 0;
  for (let j = 0; j < width; j++) sum += (rows[a + j] as number) * (rows[b + j] as number);
  return sum;
}
