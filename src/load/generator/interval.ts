import type { HistogramCounts } from "./histogram.ts";

/** The counts of a generator between two calls of `collect`. Sums of intervals are exact. */
export interface Interval {
  /** Duration of the interval. */
  readonly seconds: number;
  readonly users: number;
  /** In the order of the classes of the script. */
  readonly usersByClass: readonly number[];
  readonly endpoints: readonly EndpointCounts[];
  readonly exceptions: readonly ExceptionCounts[];
  /** Lateness of arrivals and of users' steps in seconds. */
  readonly lateness: HistogramCounts;
  /** Share of the time in which the event loop was busy, 0…1. */
  readonly utilisation: number;
  readonly cpuSeconds: number;
  /** Resident memory at the end of the interval. */
  readonly memoryBytes: number;
  /** Arrivals that found no idle user. */
  readonly dropped: number;
}

export interface EndpointCounts {
  readonly method: string;
  readonly name: string;
  /** Times of successes. */
  readonly serviceTime: HistogramCounts;
  /** Times of successes from their due times; null in a closed model. */
  readonly responseTime: HistogramCounts | null;
  readonly failureTime: HistogramCounts;
  readonly receivedBytes: number;
  readonly abandoned: number;
  /** Number of replies by status; 0: no reply. */
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
