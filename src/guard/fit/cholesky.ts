/**
 * Returns L⁻¹ for a symmetric positive definite matrix A = L·Lᵀ, stored by rows without the zeros: entry [i][j] is at
 * `i × (i + 1) / 2 + j` for j ≤ i. So |L⁻¹·x|² = xᵀ·A⁻¹·x. O(width³).
 *
 * @param matrix row-major, `width × width`; only the lower triangle is read
 */
export function createInverseCholesky(matrix: Float64Array, width: number): Float64Array {
  const lower = new Float64Array((width * (width + 1)) / 2);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j]!;
      for (let k = 0; k < j; k++) {
        sum -= lower[at(i, k)]! * lower[at(j, k)]!;
      }
      lower[at(i, j)] = i === j ? Math.sqrt(sum) : sum / lower[at(j, j)]!;
    }
  }
  // Forward substitution of L·X = I, one column of X at a time; X is lower triangular too.
  const inverse = new Float64Array(lower.length);
  for (let j = 0; j < width; j++) {
    for (let i = j; i < width; i++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) {
        sum -= lower[at(i, k)]! * inverse[at(k, j)]!;
      }
      inverse[at(i, j)] = sum / lower[at(i, i)]!;
    }
  }
  return inverse;
}

function at(i: number, j: number): number {
  return (i * (i + 1)) / 2 + j;
}
