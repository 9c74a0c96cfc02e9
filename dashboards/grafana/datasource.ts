/** What every query is asked of: the data source that is chosen on the dashboard. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** The provisioned data source, which is chosen at first. */
export const PROMETHEUS = {
  name: "Prometheus",
  uid: "prometheus",
  url: "http://prometheus:9090",
  /** Must be the scrape interval of deploy/prometheus/prometheus.yml: `$__rate_interval` is at least four of it. */
  timeInterval: "5s",
} as const;
