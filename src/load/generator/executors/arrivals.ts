import type { Random } from "../../../kernel/random.ts";
import type { Ramp } from "../../profiles/profile.ts";

/** Start times of the iterations of an open model, in seconds from its start. */
export interface Arrivals {
  /** Returns when the number of arrivals reaches `count`, which may have a fraction. Infinity if it never does. */
  dueAt(count: number): number;
}

/** Creates arrivals whose rate follows the ramps, one after another. The last one should have no end. */
export function createArrivals(ramps: readonly Ramp[]): Arrivals {
  return {
    dueAt(count) {
      let begun = 0;
      let rest = count;
      for (const { from, to, seconds } of ramps) {
        const arrivals = seconds === Infinity ? Infinity : ((from + to) / 2) * seconds;
        if (rest <= arrivals) return begun + toSeconds(rest, from, (to - from) / seconds);
        begun += seconds;
        rest -= arrivals;
      }
      return Infinity;
    },
  };
}

/** Returns the time after which a rate that begins at `from` and changes by `slope` per second has given `count` arrivals. */
function toSeconds(count: number, from: number, slope: number): number {
  if (slope === 0) return from > 0 ? count / from : Infinity;
  // After t seconds there are from · t + slope · t² / 2. Written so that a slope near 0 loses no digits.
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * count));
  return from + root > 0 ? (2 * count) / (from + root) : 0;
}

/** A generator's share of all arrivals, and the distribution of their intervals. */
export interface ArrivalShare {
  readonly generator: number;
  readonly generators: number;
  /** Exponentially distributed intervals, as from independent clients; null: equal ones. */
  readonly poisson: Random | null;
}

/**
 * Yields the due times of one generator, ascending. With equal intervals, each generator has every n-th arrival. With random ones, each
 * generator has a Poisson process of its own, and their sum is a Poisson process too.
 */
export function* toDueTimes(arrivals: Arrivals, share: ArrivalShare): Generator<number, never> {
  const { generator, generators, poisson } = share;
  let count = poisson === null ? generator : 0;
  for (;;) {
    if (poisson !== null) count -= Math.log(1 - poisson.uniform()) * generators;
    yield arrivals.dueAt(count);
    if (poisson === null) count += generators;
  }
}
