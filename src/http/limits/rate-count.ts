import type { FastifyRateLimitStoreCtor } from "@fastify/rate-limit";
import { TepalError } from "../../kernel/errors.ts";
import type { Clock } from "../../kernel/clock.ts";

/** `--rate-limit` is in requests per this time. */
export const RATE_WINDOW_MS = 1_000;
/** Clients whose count is kept; beyond it the one is forgotten whose window began first. */
const MAX_CLIENTS = 10_000;

/** How often a key was counted in its window, and how long that still lasts. */
export interface RateCount {
  readonly current: number;
  /** Milliseconds. */
  readonly ttl: number;
}

/** Counts one request of a key (or address) and says, once, how many there were: at once, or when others have answered. */
export type CountRequest = (key: string, say: (counted: RateCount) => void) => void;

/**
 * Counts requests by key in windows that begin with a key's first request. They go by durations and not by the wall clock:
 * when that is set back, a client that has spent its window would be refused until the old time has come again.
 */
export function createRateCounter(clock: Clock): (key: string) => RateCount {
  /** In the order of their beginnings, so that those that are over are found at the front. */
  const windows = new Map<string, { readonly begunMs: number; current: number }>();

  function forget(nowMs: number): void {
    for (const [key, { begunMs }] of windows) {
      if (nowMs - begunMs < RATE_WINDOW_MS && windows.size <= MAX_CLIENTS) break;
      windows.delete(key);
    }
  }

  return (key) => {
    const nowMs = clock.monotonicSeconds() * 1_000;
    forget(nowMs);
    let window = windows.get(key);
    if (window === undefined) {
      window = { begunMs: nowMs, current: 0 };
      windows.set(key, window);
    }
    window.current += 1;
    return { current: window.current, ttl: Math.ceil(window.begunMs + RATE_WINDOW_MS - nowMs) };
  };
}

export function toRateError(perSecond: number): TepalError {
  return new TepalError("TOO_MANY_REQUESTS", `At most ${perSecond} requests a second are answered`);
}

/** What @fastify/rate-limit counts with. */
export function toStore(count: CountRequest): FastifyRateLimitStoreCtor {
  return class RateStore {
    incr(key: string, done: (error: Error | null, counted?: RateCount) => void): void {
      count(key, (counted) => done(null, counted));
    }
    child(): RateStore {
      return this;
    }
  };
}
