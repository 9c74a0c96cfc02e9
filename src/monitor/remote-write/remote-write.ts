/**
 * Sends the monitor's samples to a server with Prometheus's remote write, so that history survives the process.
 *
 *     store ──► follower ──► batch ──► request ──► receiver
 *                  ▲                                  │ 2xx
 *                  └────────── position (on disk) ◄───┘
 *
 * The history itself is the queue: it is bounded by the retention, survives a restart, and is not copied. A position states for each group
 * of series up to which time its samples are acknowledged. It is written after each acknowledgment, so a restart continues with the first
 * sample that was not acknowledged.
 */

/** Samples that a follower has read, in the form of a request. */
export interface WriteSeries {
  /** Sorted by name, with the external labels. */
  readonly labels: ReadonlyMap<string, string>;
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** True for a staleness marker. */
  readonly stale: readonly boolean[];
  readonly metadata: WriteMetadata | undefined;
}

export interface WriteMetadata {
  readonly type: string;
  readonly help: string;
}

/** Versions of the protocol. */
export type WriteVersion = 1 | 2;

/** Counts since the start of the thread, and the state now. */
export interface RemoteWriteStatistics {
  /** Acknowledged samples. */
  readonly sent: number;
  /** Samples that the receiver rejected. They are not sent again. */
  readonly failed: number;
  /** Samples that left the history before they could be sent. */
  readonly dropped: number;
  /** Requests that failed and are repeated. */
  readonly retries: number;
  /** Samples that are not acknowledged yet; at most as many. */
  readonly pending: number;
  /** Age of the oldest of them. */
  readonly lagSeconds: number;
}

export interface RemoteWrite {
  statistics(): RemoteWriteStatistics;
  /** Sends what is pending, for at most a second, and stops. Idempotent. */
  close(): Promise<void>;
}
