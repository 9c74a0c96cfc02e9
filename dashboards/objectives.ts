/**
 * Service level objectives and limits, used by dashboards and alert rules. To change one, edit it here and run
 * `npm run generate`.
 */
export const OBJECTIVES = {
  /** Minimum share of requests without a server error (status 5xx). */
  availability: 0.999,
  /** Minimum share of predictions answered within `latencySeconds`. */
  latencyShare: 0.99,
  /** Latency objective. A bound of the latency histogram, so that the share is counted rather than estimated. */
  latencySeconds: 0.1,
  /** Mean latency above which HighLatency fires. */
  meanLatencySeconds: 0.5,
  /** Population stability index above which a feature counts as drifted, given enough rows. */
  psi: 0.25,
  /** Minimum rows for a drift value: with fewer, the index is mostly random. */
  driftRows: 200,
  /** Event loop utilization above which requests start to queue. */
  eventLoopBusy: 0.85,
} as const;
