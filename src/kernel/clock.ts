/** The only source of time. Everything else takes a Clock, so that tests can set it. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, UTC. May jump. */
  nowMs(): number;
  /** Seconds since some fixed moment. Never goes back; for durations. */
  monotonicSeconds(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicSeconds: () => performance.now() / 1_000,
};
