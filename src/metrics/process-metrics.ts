import { AggregatorRegistry, Registry, collectDefaultMetrics } from "@prometheus-io/client";
import { PROCESS_METRICS } from "./names.ts";

/** A metric of a process in the form of the client library. Can be sent as JSON. */
export interface ProcessMetric {
  readonly name: string;
  readonly type: string;
  readonly aggregator?: string;
  readonly values: readonly object[];
}

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

/** Renders the metrics of the process and of Node.js in the Prometheus text format. */
export function renderProcessMetrics(): Promise<string> {
  return collect().metrics();
}

/** Lists the same metrics, for another process to merge. */
export async function listProcessMetrics(): Promise<readonly ProcessMetric[]> {
  const metrics: readonly ProcessMetric[] = await collect().getMetricsAsJSON();
  return metrics;
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
 * Renders the metrics of several processes as those of one, in the Prometheus text format. A metric that can have only one value has that of
 * the first process, so the process that started the others comes first.
 */
export function renderMerged(processes: readonly (readonly ProcessMetric[])[]): Promise<string> {
  const merging = processes.map((metrics) => metrics.map(toMergeable));
  return AggregatorRegistry.aggregate(merging).metrics();
}

/** The client library drops the start time and averages percentiles, which hides a single slow event loop. */
function toMergeable(metric: ProcessMetric): ProcessMetric {
  if (metric.name === PROCESS_METRICS.startTime) return { ...metric, aggregator: "first" };
  if (metric.name === PROCESS_METRICS.eventLoopLagP99) return { ...metric, aggregator: "max" };
  return metric;
}
