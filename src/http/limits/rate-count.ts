import { TepalError } from "../../kernel/errors.ts";
import type { Clock } from "../../kernel/clock.ts";

/** The window of `--rate-limit`. */
const RATE_WINDOW_MS = 1_000;
/** The number of clients that are counted; beyond it, the client whose window began first is dropped. */
const MAX_CLIENTS = 10_000;

/** The number of requests of a key in its window, and the rest of the window. */
export interface RateCount {
  readonly current: number;
  /** Milliseconds. */
  readonly ttl: number;
}

/** Health, metrics, the monitor and the pages have no rate limit: operators need them to see an overload. */
export function isRateLimited(path: string): boolean {
  return !/^\/(?:health|metrics|prometheus|console|docs|alertmanager|admin\/(?:receivers|status))\b/.test(
    path,
  );
}

/** Counts one request of an API key or IP address: at once, or when the primary has replied. Never rejects. */
export type CountRequest = (key: string) => RateCount | Promise<RateCount>;

/**
 * Counts requests by key in windows that begin with a key's first request. Windows use the monotonic clock: if the wall clock
 * were set back, a client that has reached its limit would be rejected until the earlier time is reached again.
 */
export function createRateCounter(clock: Clock): (key: string) => RateCount {
  /** In the order of their starts, so that expired windows are at the front. */
  const windows = new Map<string, { readonly begunMs: number; current: number }>();

  function dropExpired(nowMs: number): void {
    for (const [key, { begunMs }] of windows) {
      if (nowMs - begunMs < RATE_WINDOW_MS && windows.size <= MAX_CLIENTS) break;
      windows.delete(key);
    }
  }

  return (key) => {
    const nowMs = clock.monotonicSeconds() * 1_000;
    dropExpired(nowMs);
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
  return new TepalError(
    "TOO_MANY_REQUESTS",
    `Expected at most ${perSecond} requests per second, got more. Retry after Retry-After seconds.`,
  );
}

/** Returns the headers of a counted request: names and values in turn. */
export function toRateHeaders({ current, ttl }: RateCount, perSecond: number): readonly string[] {
  const seconds = String(Math.ceil(ttl / 1_000));
  const left = Math.max(0, perSecond - current);
  const limit = ["x-ratelimit-limit", String(perSecond)];
  return [...limit, "x-ratelimit-remaining", String(left), "x-ratelimit-reset", seconds];
}
