import type { Clock } from "../../kernel/clock.ts";

/** Real time, or the simulated time of a test. */
export interface Scheduler {
  /** Returns the seconds since a fixed moment. */
  now(): number;
  /** Calls back once, after at least this time. */
  after(seconds: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Node.js timers accept integers of milliseconds up to this limit; longer ones fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export function createScheduler(clock: Clock): Scheduler {
  return {
    now: () => clock.monotonicSeconds(),
    after(seconds, callback) {
      const timer = setTimeout(callback, Math.min(LONGEST_MS, Math.ceil(seconds * 1_000)));
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
