import type { Clock } from "../../kernel/clock.ts";

/** When things happen: real time, or a test's. */
export interface Scheduler {
  /** Seconds since some fixed moment. */
  now(): number;
  /** Calls back once, not before so many seconds are over. */
  after(seconds: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Node's timers take whole milliseconds and cut off the rest; longer ones fire at once. */
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
