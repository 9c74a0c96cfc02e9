import type { Clock } from "../../kernel/clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { HttpOptions } from "../options.ts";

/** Tells when the server has more to do than it should take on. */
export interface Overload {
  /** Why new work is to be refused now; null when it is welcome. */
  reason(): "in_flight" | "event_loop" | null;
  close(): void;
}

/** How often the event loop is asked how late it is. */
const INTERVAL_MS = 50;

/**
 * Watches two things: how many requests are in flight, and how late the event loop is. The second is measured by a timer:
 * what it is late, so is every request that arrives.
 */
export function createOverload(
  options: Pick<HttpOptions, "maxInFlight" | "maxEventLoopLag">,
  inFlight: InFlight,
  clock: Clock,
): Overload {
  let due = clock.monotonicSeconds() + INTERVAL_MS / 1_000;
  let lagSeconds = 0;
  const timer = setInterval(() => {
    const now = clock.monotonicSeconds();
    lagSeconds = Math.max(0, now - due);
    due = now + INTERVAL_MS / 1_000;
  }, INTERVAL_MS);
  timer.unref();

  return {
    reason() {
      if (inFlight.count() > options.maxInFlight) return "in_flight";
      // The timer itself waits behind whatever blocks: count also what it is late right now.
      const lag = Math.max(lagSeconds, clock.monotonicSeconds() - due);
      return lag > options.maxEventLoopLag ? "event_loop" : null;
    },
    close: () => clearInterval(timer),
  };
}
