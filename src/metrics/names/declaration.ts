/**
 * The combination of the values of several processes of one server (see `--workers`). `distinct` counts the different things that all
 * processes have seen together; each process knows only its own.
 */
export type Aggregator = "sum" | "max" | "first" | "distinct";

interface Declaration {
  readonly name: string;
  readonly help: string;
  /** Labels, in the order in which a series is opened. Each has a bounded set of values, and none comes from a client. */
  readonly labels: readonly string[];
  /** `drift`: a metric with a series for each bin of each feature. These come last in a response and have limits of their own. */
  readonly group?: "drift";
}
export interface CounterDeclaration extends Declaration {
  readonly type: "counter";
}
export interface GaugeDeclaration extends Declaration {
  readonly type: "gauge";
  readonly aggregator: Aggregator;
}
export interface HistogramDeclaration extends Declaration {
  readonly type: "histogram";
  /** Upper bounds, ascending; +Inf is implied. */
  readonly buckets: readonly number[];
}
export type MetricDeclaration = CounterDeclaration | GaugeDeclaration | HistogramDeclaration;
