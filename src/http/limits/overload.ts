import type { Clock } from "../../kernel/clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { HttpOptions } from "../options.ts";

/** Detects that the server is overloaded. */
export interface Overload {
  /** Returns why new work must be rejected now; null if it may run. */
  reason(): "in_flight" | "event_loop" | null;
  /** To be called when the server has begun to listen: the lag that its own start causes is not measured. */
  start(): void;
  close(): void;
}

/** The interval at which the lag of the event loop is measured. */
const INTERVAL_MS = 50;
/** The start has ended at the first timer that is on time, or at the latest after this time. */
const LONGEST_START_SECONDS = 5;

/**
 * Watches the number of requests in flight and the lag of the event loop. The lag is the delay of a timer: every request that
 * arrives is delayed as much.
 */
export function createOverload(
  options: Pick<HttpOptions, "maxInFlight" | "maxEventLoopLag">,
  inFlight: InFlight,
  clock: Clock,
): Overload {
  let started = Number.POSITIVE_INFINITY;
  let isMeasuring = false;
  let due = 0;
  let lagSeconds = 0;
  let timer: NodeJS.Timeout | undefined;

  function measure(): void {
    const now = clock.monotonicSeconds();
    lagSeconds = Math.max(0, now - due);
    isMeasuring ||=
      lagSeconds <= options.maxEventLoopLag / 2 || now - started > LONGEST_START_SECONDS;
    due = now + INTERVAL_MS / 1_000;
  }

  return {
    reason() {
      if (inFlight.count() > options.maxInFlight) return "in_flight";
      if (!isMeasuring) return null;
      // A blocked event loop delays the timer too: include its delay up to now.
      const lag = Math.max(lagSeconds, clock.monotonicSeconds() - due);
      return lag > options.maxEventLoopLag ? "event_loop" : null;
    },
    start() {
      started = clock.monotonicSeconds();
      due = started + INTERVAL_MS / 1_000;
      timer = setInterval(measure, INTERVAL_MS).unref();
    },
    close: () => clearInterval(timer),
  };
}
