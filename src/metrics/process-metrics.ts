import { AggregatorRegistry, Registry, collectDefaultMetrics } from "@prometheus-io/client";
import { PROCESS_METRICS } from "./names.ts";

/** A metric of a process in the form of the client library. Can be sent as JSON. */
export interface ProcessMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator?: string;
  readonly values: readonly {
    /** Undefined for a counter or a gauge. */
    readonly metricName?: string;
    readonly labels: Readonly<Partial<Record<string, string | number>>>;
    readonly value: number;
  }[];
}

/**
 * Metrics of the client library that are not exposed: sums of others under the name of a counter, and the utilization of the event loop
 * by time of scrape (`nodejs_eventloop_active_seconds_total` has it for any period).
 */
const LEFT_OUT =
  /^nodejs_(?:active_(?:handles|requests|resources)_total|eventloop_utilization_.*)$/;

let registry: Registry | undefined;

/**
 * Starts the collectors of the client library at the first call. The metrics of the process and of Node.js are the same for all servers of
 * a process, and their collectors run until it ends.
 */
function collect(): Registry {
  if (registry === undefined) {
    registry = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}

/** Lists the metrics of the process and of Node.js. */
export async function listProcessMetrics(): Promise<readonly ProcessMetric[]> {
  const metrics: readonly ProcessMetric[] = await collect().getMetricsAsJSON();
  return metrics.filter(({ name }) => !LEFT_OUT.test(name));
}

/** Adds the counters and histograms of an ended process to those of earlier ones. */
export async function keepCounts(
  kept: readonly ProcessMetric[],
  ended: readonly ProcessMetric[],
): Promise<readonly ProcessMetric[]> {
  const counts = ended.filter(({ type }) => type !== "gauge");
  const metrics: readonly ProcessMetric[] = await AggregatorRegistry.aggregate([
    [...kept],
    counts,
  ]).getMetricsAsJSON();
  return metrics;
}

/**
 * Merges the metrics of several processes to those of one. A metric that can have only one value has that of the first process, so the
 * process that started the others comes first.
 */
export async function mergeProcessMetrics(
  processes: readonly (readonly ProcessMetric[])[],
): Promise<readonly ProcessMetric[]> {
  const merging = processes.map((metrics) => metrics.map(toMergeable));
  const merged: readonly ProcessMetric[] =
    await AggregatorRegistry.aggregate(merging).getMetricsAsJSON();
  return merged;
}

/** The client library drops the start time and averages percentiles, which hides a single slow event loop. */
function toMergeable(metric: ProcessMetric): ProcessMetric {
  if (metric.name === PROCESS_METRICS.startTime) return { ...metric, aggregator: "first" };
  if (metric.name === PROCESS_METRICS.eventLoopLagP99) return { ...metric, aggregator: "max" };
  return metric;
}
