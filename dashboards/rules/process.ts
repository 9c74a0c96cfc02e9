/** Rules on saturation: CPU, memory, workers. They fire before users notice. */
import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import { external, metric } from "../promql.ts";
import type { RuleGroup } from "./rule.ts";

/** A process with a few models needs 0.1 to 0.2 GiB. Raise the limit for large models. */
const MEMORY_GIBIBYTES = 1;

const MAX_RESTARTS = 3;

const MIN_HOST_MEMORY = 0.1;

const memory = external("node_memory_MemAvailable_bytes");

export const PROCESS_GROUPS: readonly RuleGroup[] = [
  {
    name: "process",
    rules: [
      {
        record: "instance:eventloop_utilisation:rate5m",
        expr: `rate(${metric(METRICS.eventLoopActive)}[5m]) / ${metric(METRICS.workers)}`,
      },
      {
        alert: "EventLoopSaturated",
        expr: `instance:eventloop_utilisation:rate5m > ${OBJECTIVES.eventLoopBusy}`,
        for: "10m",
        severity: "warning",
        condition: `Event loop utilization over 5m is above ${OBJECTIVES.eventLoopBusy * 100} %`,
        summary: "{{ $labels.instance }} is close to its CPU limit; latency will rise",
        description: `The event loops of {{ $labels.instance }} are busy {{ $value | humanizePercentage }} of the time, averaged over its processes; the limit is ${OBJECTIVES.eventLoopBusy * 100}%. Add processes with --workers, or replicas.`,
      },
      {
        alert: "MemoryHigh",
        expr: `${external(PROCESS_METRICS.residentMemory)} / ${metric(METRICS.workers)} > ${MEMORY_GIBIBYTES} * 1024 ^ 3`,
        for: "10m",
        severity: "warning",
        condition: `Resident memory per serving process is above ${MEMORY_GIBIBYTES} GiB`,
        summary: "{{ $labels.instance }} uses too much memory",
        description: `{{ $labels.instance }} uses {{ $value | humanize1024 }}B of resident memory per serving process; the limit is ${MEMORY_GIBIBYTES}GiB. On the Resources dashboard, a line that only rises is a leak.`,
      },
      {
        alert: "WorkerMissing",
        expr: `${metric(METRICS.workers)} < ${metric(METRICS.workersWanted)}`,
        for: "5m",
        severity: "warning",
        condition: "Fewer processes serve than --workers requests",
        summary: "{{ $labels.instance }} runs with reduced capacity: workers are missing",
        description:
          "{{ $value }} processes of {{ $labels.instance }} serve, fewer than --workers requests. The server log states why a worker cannot start.",
      },
      {
        alert: "WorkerRestarts",
        expr: `sum by (job, instance) (increase(${metric(METRICS.workerRestarts)}[15m])) >= ${MAX_RESTARTS}`,
        severity: "warning",
        condition: `At least ${MAX_RESTARTS} workers were restarted in 15m`,
        summary: "Workers of {{ $labels.instance }} keep exiting or hanging",
        description:
          '{{ $value | printf "%.0f" }} workers of {{ $labels.instance }} were restarted in the last 15 minutes. The server log states the reason of each restart.',
      },
      {
        alert: "HostMemoryLow",
        expr: `${memory} / ${external("node_memory_MemTotal_bytes")} < ${MIN_HOST_MEMORY}`,
        for: "10m",
        severity: "warning",
        condition: `Less than ${MIN_HOST_MEMORY * 100} % of the host's memory is available`,
        summary: "The host of {{ $labels.instance }} is running out of memory",
        description: `{{ $value | humanizePercentage }} of the host memory that {{ $labels.instance }} reports is available; the limit is ${MIN_HOST_MEMORY * 100}%. Look for the largest processes and containers on the host.`,
      },
    ],
  },
];
