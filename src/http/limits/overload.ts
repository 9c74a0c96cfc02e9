import type { Clock } from "../../kernel/clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { HttpOptions } from "../options.ts";

/** Detects that the server is overloaded. */
export interface Overload {
  /** Returns why new work must be rejected now; null if it may run. */
  reason(): "in_flight" | "event_loop" | null;
  close(): void;
}

/** The interval at which the lag of the event loop is measured. */
const INTERVAL_MS = 50;

/**
 * Watches the number of requests in flight and the lag of the event loop. The lag is the delay of a timer: every request that
 * arrives is delayed as much.
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
      // A blocked event loop delays the timer too: include its delay up to now.
      const lag = Math.max(lagSeconds, clock.monotonicSeconds() - due);
      return lag > options.maxEventLoopLag ? "event_loop" : null;
    },
    close: () => clearInterval(timer),
  };
}
