import type { HistogramCounts } from "./histogram.ts";

/** What a generator has counted since it was last asked. Sums of these are exact. */
export interface Interval {
  /** How long that was. */
  readonly seconds: number;
  readonly users: number;
  /** In the order of the script's classes. */
  readonly usersByClass: readonly number[];
  readonly endpoints: readonly EndpointCounts[];
  readonly exceptions: readonly ExceptionCounts[];
  /** Seconds by which arrivals and users' steps were late. */
  readonly lateness: HistogramCounts;
  /** Share of the time in which the event loop was busy. */
  readonly utilisation: number;
  readonly cpuSeconds: number;
  /** Now, not since. */
  readonly memoryBytes: number;
  /** Arrivals that found no free user. */
  readonly dropped: number;
}

export interface EndpointCounts {
  readonly method: string;
  readonly name: string;
  /** Of successes. */
  readonly serviceTime: HistogramCounts;
  /** Of successes, from when they were due; null in a closed model. */
  readonly responseTime: HistogramCounts | null;
  readonly failureTime: HistogramCounts;
  readonly receivedBytes: number;
  readonly abandoned: number;
  /** How many replies had which status; 0: none came. */
  readonly statuses: readonly (readonly [status: number, count: number])[];
  readonly failures: readonly FailureCounts[];
}

export interface FailureCounts {
  readonly kind: string;
  readonly count: number;
  /** Milliseconds since 1970, UTC. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface ExceptionCounts {
  readonly message: string;
  readonly traceback: string;
  readonly count: number;
}
