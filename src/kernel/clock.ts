/** The only source of time. All other code takes a Clock, so that tests can set it. */
export interface Clock {
  /** Returns the Unix time in milliseconds. May jump. */
  nowMs(): number;
  /** Returns seconds since a fixed moment, for durations. Never decreases. */
  monotonicSeconds(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicSeconds: () => performance.now() / 1_000,
};
