import type { Random } from "../../../kernel/random.ts";

/** When the iterations of an open model begin, in seconds from its start. */
export interface Arrivals {
  /** When that many have begun; fractions are between two. Infinity when so many never will. */
  dueAt(count: number): number;
}

/** The share of all arrivals that a generator has, and whether they come at equal distances or at random ones. */
export interface ArrivalShare {
  readonly generator: number;
  readonly generators: number;
  /** Exponentially distributed distances, as of many who know nothing of each other; null: equal ones. */
  readonly poisson: Random | null;
}

/**
 * The due times of one generator, ascending. At equal distances, each generator has every n-th arrival; at random ones, each has a
 * Poisson process of its own, whose sum is one again.
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
