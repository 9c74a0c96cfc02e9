import { formatDuration } from "../kernel/duration.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "./log.ts";
import type { SeriesStore } from "./store/series-store.ts";

/** Samples that are less far in the future do not stand in the way for long, and clocks are often corrected by seconds. */
const TOLERANCE_MS = 10_000;
/** A clock before this time is wrong itself, for example that of a machine without a battery: it must not hide the history. */
const PLAUSIBLE_MS = Date.UTC(2026, 0, 1);

/**
 * Creates a function to be called before each append. If the clock was ahead and is right again, samples of the future would make each
 * new one late, for as long as the clock was ahead: they are set aside and logged.
 */
export function createFutureGuard(store: SeriesStore, clock: Clock, log: Log): () => void {
  return () => {
    const nowMs = clock.nowMs();
    const aheadMs = store.newestMs() - nowMs;
    if (!(aheadMs > TOLERANCE_MS) || nowMs < PLAUSIBLE_MS) return;
    const scrapes = store.setAside(nowMs);
    const ahead = formatDuration(Math.round(aheadMs / 1_000) * 1_000);
    log.warn(
      `The clock was ahead by ${ahead} and is set back. Set aside the samples of ${scrapes} scrapes and evaluations of the future`,
    );
  };
}
