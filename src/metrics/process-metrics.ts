import { AggregatorRegistry, Registry, collectDefaultMetrics } from "@prometheus-io/client";
import { PROCESS_METRICS } from "./names.ts";

/** One metric of a process, as the client library gives it. Passes through JSON. */
export interface ProcessMetric {
  readonly name: string;
  readonly type: string;
  readonly aggregator?: string;
  readonly values: readonly object[];
}

let registry: Registry | undefined;

/**
 * The process's and Node.js's own metrics are the same for all servers of a process, and the client library's collectors
 * run until it ends: so they are started once, when first asked for.
 */
function collect(): Registry {
  if (registry === undefined) {
    registry = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}

/** The process's and Node.js's own metrics in the Prometheus text format. */
export function renderProcessMetrics(): Promise<string> {
  return collect().metrics();
}

/** The same, for another process to merge. */
export async function listProcessMetrics(): Promise<readonly ProcessMetric[]> {
  const metrics: readonly ProcessMetric[] = await collect().getMetricsAsJSON();
  return metrics;
}

/** What counters and histograms of processes that have ended, and of one more, come to. */
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
 * The metrics of several processes as those of one, in the Prometheus text format. What the first says when there can be
 * only one answer holds: so the process that started the others comes first.
 */
export function renderMerged(processes: readonly (readonly ProcessMetric[])[]): Promise<string> {
  const merging = processes.map((metrics) => metrics.map(toMergeable));
  return AggregatorRegistry.aggregate(merging).metrics();
}

/** The client library leaves the start time out, and takes means of percentiles, in which one late loop is not seen. */
function toMergeable(metric: ProcessMetric): ProcessMetric {
  if (metric.name === PROCESS_METRICS.startTime) return { ...metric, aggregator: "first" };
  if (metric.name === PROCESS_METRICS.eventLoopLagP99) return { ...metric, aggregator: "max" };
  return metric;
}
