/** Describes a metric that drops series, for the log. */
export function describeFullMetric(metric: string): string {
  return `The metric ${metric} has its maximum number of series and drops new ones, counted in metrics_series_dropped_total. Use fewer label values, model versions or features.`;
}
