import type { Random } from "../../kernel/random.ts";

/**
 * Draws as many rows as there are, with replacement (Breiman 1996): about 63% of the rows, some more than once.
 *
 * @param weights is overwritten with how often each row was drawn
 * @param samples is overwritten with the rows drawn at least once, ascending
 * @returns the number of those rows
 */
export function drawBootstrap(random: Random, weights: Int32Array, samples: Int32Array): number {
  const count = weights.length;
  weights.fill(0);
  for (let i = 0; i < count; i++) {
    const row = random.below(count);
    weights[row] = weights[row]! + 1;
  }
  let drawn = 0;
  for (let row = 0; row < count; row++) {
    if (weights[row] !== 0) samples[drawn++] = row;
  }
  return drawn;
}
