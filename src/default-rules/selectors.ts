/** Series on which the objectives are measured. */
import { matching, notMatching } from "./promql.ts";

/** Label `job` of Tepal servers, as set in deploy/prometheus/prometheus.yml. */
export const JOB = "tepal";

/** Routes of scrapes, probes, queries and pages, as a regular expression. Their requests are not traffic of clients. */
export const MONITORING_ROUTES =
  "/metrics|/health/.*|/prometheus.*|/console.*|/runbooks.*|/docs.*|/openapi.json|/admin/.*|/alertmanager/.*";

/**
 * Requests of clients. Monitoring is excluded: it would dilute the error ratio, and a probe's 503 is not a failed request.
 */
export const CLIENT_REQUESTS = {
  route: notMatching(MONITORING_ROUTES),
} as const;

/**
 * Single-row predictions with status 2xx, or 499 (the client closed the connection). The latency of a batch depends on its
 * number of rows; rejections are fast and count against availability.
 */
export const SINGLE_PREDICTIONS = {
  route: matching(".*/predict"),
  status: matching("2..|499"),
} as const;

/** Predictions of one row and of many. Streams, whose duration is that of the client, have a histogram of their own. */
export const PREDICTIONS = { route: matching(".*/predict(/batch)?") } as const;
