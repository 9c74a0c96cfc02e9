/**
 * Parts of Prometheus's HTTP API that the monitor does not have on purpose, with the reason and the alternative.
 * A request with any method and body gets the sentence as its error.
 */
const ABSENT: readonly (readonly [path: RegExp, sentence: string])[] = [
  [
    /^api\/v1\/read$/,
    "Remote read is not supported: send PromQL to /prometheus/api/v1/query_range, or scrape /prometheus/federate.",
  ],
  [
    /^api\/v1\/write$/,
    "The monitor does not receive remote write: it scrapes the targets of --scrape, and --remote-write sends its samples to a Prometheus.",
  ],
  [
    /^api\/v1\/otlp\//,
    "The monitor does not receive OTLP: it scrapes the targets of --scrape, which expose the Prometheus text format.",
  ],
  [
    /^api\/v1\/admin\//,
    "The admin API is not supported: the history is read-only, and --retention and --max-series bound it.",
  ],
  [
    /^api\/v1\/search\//,
    "The search API is not supported: use /prometheus/api/v1/labels, label/NAME/values and series.",
  ],
  [
    /^api\/v1\/query(_range)?_cost$/,
    "Query cost estimation is not supported: the parameter stats=all of a query returns what it read.",
  ],
  [
    /^api\/v1\/status\/self_metrics$/,
    "The monitor's own metrics are among those of the server at /metrics.",
  ],
  [
    /^api\/v1\/openapi\.yaml$/,
    "The monitor has no OpenAPI document: its API is that of Prometheus.",
  ],
  [
    /^-\/(?:reload|quit)$/,
    "The lifecycle API is not supported: POST /admin/reload reloads rules, and a signal stops the server.",
  ],
  [
    /^metrics$/,
    "The monitor has no metrics page of its own: its metrics are among those of the server at /metrics.",
  ],
  [
    /^(?:targets|rules|alerts|query|status|tsdb-status|config|flags|service-discovery|alertmanager-discovery|consoles\/.*)$/,
    "The monitor has no web interface of Prometheus: use Grafana, or the HTTP API below /prometheus/api/v1/.",
  ],
];

/** Returns the sentence for a path below `/prometheus/` that is absent on purpose; undefined for any other. */
export function explainAbsence(path: string): string | undefined {
  return ABSENT.find(([pattern]) => pattern.test(path))?.[1];
}
