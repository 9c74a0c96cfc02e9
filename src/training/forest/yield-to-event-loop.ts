import { systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";

/** Maximum time between two turns of the event loop, if the caller's steps are not longer. */
const SLICE_SECONDS = 0.02;

/**
 * Creates a function that long work in this thread calls between steps. Now and then it yields to the event loop, so that
 * signals, timers and requests are served.
 *
 * @returns a function that rejects with TepalError CANCELLED once `signal` is aborted
 */
export function createYield(signal: AbortSignal | undefined): () => Promise<void> {
  let last = systemClock.monotonicSeconds();
  return async () => {
    throwIfCancelled(signal);
    if (systemClock.monotonicSeconds() - last < SLICE_SECONDS) return;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(signal);
    last = systemClock.monotonicSeconds();
  };
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new TepalError("CANCELLED", "Training was cancelled", { cause: signal.reason });
  }
}
