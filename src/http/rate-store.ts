import type { FastifyRateLimitStoreCtor } from "@fastify/rate-limit";

/** How often a key was counted in its window of a second, and how long that still lasts. */
export interface RateCount {
  readonly current: number;
  /** Milliseconds. */
  readonly ttl: number;
}

/** Counts one request of a key (or address) and says how many there were, once. */
export type CountRequest = (key: string, say: (counted: RateCount) => void) => void;

/** What @fastify/rate-limit counts with when the counts are not in this process. */
export function toStore(count: CountRequest): FastifyRateLimitStoreCtor {
  return class SharedStore {
    incr(key: string, done: (error: Error | null, counted?: RateCount) => void): void {
      count(key, (counted) => done(null, counted));
    }
    child(): SharedStore {
      return this;
    }
  };
}
