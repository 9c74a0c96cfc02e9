import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from "@fastify/rate-limit";
import type { Clock } from "../kernel/clock.ts";

/** Clients whose count is kept; beyond it the one is forgotten that was first seen longest ago. */
const MAX_CLIENTS = 10_000;

/**
 * Counts the requests of each client in windows that begin with its first request. The plugin's own store goes by the wall
 * clock: when that is set back, a client that has spent its window would be refused until the old time has come again.
 */
export function createRateStore(clock: Clock): FastifyRateLimitStoreCtor {
  return class RateStore implements FastifyRateLimitStore {
    readonly #windows = new Map<string, { readonly begunMs: number; current: number }>();

    incr(
      client: string,
      callback: (error: Error | null, result: { current: number; ttl: number }) => void,
      windowMs: number,
    ): void {
      const nowMs = clock.monotonicSeconds() * 1_000;
      let window = this.#windows.get(client);
      if (window === undefined || nowMs - window.begunMs >= windowMs) {
        this.#windows.delete(client);
        window = { begunMs: nowMs, current: 0 };
        this.#windows.set(client, window);
        const [oldest] = this.#windows.keys();
        if (this.#windows.size > MAX_CLIENTS && oldest !== undefined) this.#windows.delete(oldest);
      }
      window.current += 1;
      callback(null, { current: window.current, ttl: windowMs - (nowMs - window.begunMs) });
    }

    child(): FastifyRateLimitStore {
      return new RateStore();
    }
  };
}
