const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

/**
 * Returns the distance of two float32 numbers in units in the last place: the count of float32 numbers between them, plus one. 0 for equal
 * bits and for two NaNs; infinite for NaN and a number, and for 0 and −0.
 */
function toUlps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b) || a === b) return Infinity;
  return Math.abs(toOrdinal(a) - toOrdinal(b));
}

function toOrdinal(value: number): number {
  floats[0] = value;
  const pattern = bits[0]!;
  return pattern < 0 ? -(pattern & 0x7fffffff) : pattern;
}

/**
 * Returns the greatest distance between two lists of equal length.
 *
 * @param smallest numbers below it are compared in units in the last place of `smallest`, for results that are differences of larger numbers
 */
export function toGreatestUlps(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  smallest = 0,
): number {
  if (ours.length !== theirs.length) return Infinity;
  let greatest = 0;
  for (let i = 0; i < ours.length; i++) {
    const a = ours[i]!;
    const b = theirs[i]!;
    const isSmall = Math.max(Math.abs(a), Math.abs(b)) < smallest;
    const ulps = isSmall ? Math.abs(a - b) / (smallest * 2 ** -23) : toUlps(a, b);
    greatest = Math.max(greatest, ulps);
  }
  return greatest;
}
