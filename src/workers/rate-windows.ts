import type { RateCount } from "../http/rate-store.ts";
import type { Clock } from "../kernel/clock.ts";

const WINDOW_MS = 1_000;

/** Counts requests by key in windows of a second, which begin with a key's first request: as a server alone does. */
export function createRateWindows(clock: Clock): (key: string) => RateCount {
  /** In the order of their beginnings, so that those that are over are found at the front. */
  const windows = new Map<string, { readonly begunMs: number; count: number }>();

  return (key) => {
    const nowMs = clock.monotonicSeconds() * 1_000;
    for (const [old, { begunMs }] of windows) {
      if (begunMs + WINDOW_MS > nowMs) break;
      windows.delete(old);
    }
    const window = windows.get(key) ?? { begunMs: nowMs, count: 0 };
    if (window.count === 0) windows.set(key, window);
    window.count += 1;
    return { current: window.count, ttl: Math.ceil(window.begunMs + WINDOW_MS - nowMs) };
  };
}
