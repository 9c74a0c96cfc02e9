/**
 * What the server promises. Dashboards measure against these numbers; whoever promises something else changes them here
 * and runs `npm run generate`.
 */
export const OBJECTIVES = {
  /** Share of requests that must not fail by our doing (status 5xx). */
  availability: 0.999,
  /** Share of requests that must be answered within `latencySeconds`. */
  latencyShare: 0.99,
  /** One of the bounds of the latency histogram, so that the share is counted and not estimated. */
  latencySeconds: 0.1,
  /** Mean latency above which somebody is called. */
  meanLatencySeconds: 0.5,
  /** Population stability index above which a feature counts as drifted, given enough rows. */
  psi: 0.25,
  /** Rows below which nothing is said about drift: the index of so few rows is mostly chance. */
  driftRows: 200,
  /** Share of an event loop's time above which requests begin to wait. */
  eventLoopBusy: 0.85,
} as const;
