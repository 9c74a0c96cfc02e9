/**
 * Returns the conformal p-value of a score: (1 + #{calibration ≥ score}) / (n + 1), in [1 / (n + 1), 1]. When the scored
 * row is exchangeable with the calibration rows, P(p ≤ α) ≤ α.
 * Bates et al., "Testing for outliers with conformal p-values", Annals of Statistics 51(1), 2023.
 *
 * @param calibration ascending, without NaN
 * @param score not NaN
 */
export function toConformalPValue(calibration: Float64Array, score: number): number {
  let low = 0;
  let high = calibration.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (calibration[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return (1 + calibration.length - low) / (calibration.length + 1);
}
