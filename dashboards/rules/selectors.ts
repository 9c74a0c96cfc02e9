/** Which series the objectives are measured on. */
import { matching, notMatching } from "../promql.ts";

/** Our API's label `job`, as deploy/prometheus/prometheus.yml gives it. */
export const JOB = "tepal";

/** What clients ask for: probes and scrapes would thin out what goes wrong, and a probe's 503 is no failed request. */
export const ASKED = { route: notMatching("/metrics|/health/.*|/prometheus/.*") } as const;

/**
 * Predictions of one row that were answered, or that the client would not wait for (499). Batches take as long as
 * they have rows; refusals are quick, and count against availability.
 */
export const SINGLE_PREDICTIONS = {
  route: matching(".*/predict"),
  status: matching("2..|499"),
} as const;
