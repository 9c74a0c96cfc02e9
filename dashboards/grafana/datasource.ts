/** Data source of every query: the one selected on the dashboard. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** Provisioned data source, selected by default. */
export const PROMETHEUS = {
  name: "Prometheus",
  uid: "prometheus",
  url: "http://prometheus:9090",
  /** Must equal `scrape_interval` in deploy/prometheus/prometheus.yml: `$__rate_interval` is at least four times this. */
  timeInterval: "5s",
} as const;
