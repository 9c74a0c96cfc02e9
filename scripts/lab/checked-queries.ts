/**
 * Queries whose replies the server wrote when the lab's traffic was recorded: the lab must reply with the same JSON, but for the order of
 * an instant vector. None of them depends on the order of series, as ties of `topk` do: a recording does not have it.
 */
export const CHECKED_QUERIES: readonly string[] = [
  "up",
  'sum by (route, status) (increase(api_requests_total{route!=""}[5m]))',
  'rate(api_requests_total{route=~".*/predict.*"}[1m])',
  "resets(process_start_time_seconds[15m]) + changes(process_start_time_seconds[15m])",
  'histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket{route=~".*/predict.*"}[1m])))',
  "sum(rate(api_request_latency_seconds_sum[1m])) / sum(rate(api_request_latency_seconds_count[1m]))",
  "model_info * on (job, instance) group_left () up",
  'sum by (status) (api_requests_total) > 100 or label_replace(up, "job", "$1-2", "job", "(.*)")',
  "max_over_time(sum(rate(api_requests_total[1m]))[10m:30s])",
  "avg_over_time(process_resident_memory_bytes[5m] offset 2m)",
  "absent(nonexistent_total)",
  "rate(api_requests_total{]",
  "sum(up) + on (job) up",
];
