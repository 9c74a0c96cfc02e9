/** Names of the metrics that dashboards use and Tepal servers do not expose. */

/** Exposed by Prometheus for every target. */
export const SCRAPE = {
  up: "up",
  duration: "scrape_duration_seconds",
  samples: "scrape_samples_scraped",
  alerts: "ALERTS",
  /** Unix time since which an alert's condition holds. */
  alertsSince: "ALERTS_FOR_STATE",
} as const;

/** Exposed by node-exporter, job `node`. */
export const HOST = {
  cpuSeconds: "node_cpu_seconds_total",
  load1: "node_load1",
  memoryTotal: "node_memory_MemTotal_bytes",
  memoryAvailable: "node_memory_MemAvailable_bytes",
  diskSize: "node_filesystem_size_bytes",
  diskAvailable: "node_filesystem_avail_bytes",
  diskRead: "node_disk_read_bytes_total",
  diskWritten: "node_disk_written_bytes_total",
  networkReceived: "node_network_receive_bytes_total",
  networkSent: "node_network_transmit_bytes_total",
} as const;

/** Exposed by cAdvisor, job `cadvisor`. */
export const CONTAINER = {
  cpuSeconds: "container_cpu_usage_seconds_total",
  memory: "container_memory_working_set_bytes",
  throttledPeriods: "container_cpu_cfs_throttled_periods_total",
  periods: "container_cpu_cfs_periods_total",
} as const;

export const NEEDS_LOAD = "Requires a running load generator (`tepal load`); empty otherwise.";
export const NEEDS_CONTAINERS =
  "Requires cAdvisor (Compose profile `containers`); empty otherwise.";
