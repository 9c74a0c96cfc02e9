/** What runs out before users notice: CPU, memory, workers. */
import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import { foreign, metric } from "../promql.ts";
import type { RuleGroup } from "./rule.ts";

/** A process with a few models needs 0.1 to 0.2 GiB. Raise it when yours are large. */
const MEMORY_GIBIBYTES = 1;

const RESTARTS = 3;

const LEAST_HOST_MEMORY = 0.1;

const memory = foreign("node_memory_MemAvailable_bytes");

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
        condition: `The event loops are busy more than ${OBJECTIVES.eventLoopBusy * 100} % of the time, over 5 m`,
        summary: "{{ $labels.instance }} is at the end of its CPU",
        description: `The event loop of each process of {{ $labels.instance }} is busy {{ $value | humanizePercentage }} of the time; the limit is ${OBJECTIVES.eventLoopBusy * 100}%.`,
      },
      {
        alert: "MemoryHigh",
        expr: `${foreign(PROCESS_METRICS.residentMemory)} / ${metric(METRICS.workers)} > ${MEMORY_GIBIBYTES} * 1024 ^ 3`,
        for: "10m",
        severity: "warning",
        condition: `Resident memory is above ${MEMORY_GIBIBYTES} GiB for each process that serves`,
        summary: "{{ $labels.instance }} uses much memory",
        description: `{{ $labels.instance }} holds {{ $value | humanize1024 }}B for each process that serves; the limit is ${MEMORY_GIBIBYTES}GiB.`,
      },
      {
        alert: "WorkerMissing",
        expr: `${metric(METRICS.workers)} < ${metric(METRICS.workersWanted)}`,
        for: "5m",
        severity: "warning",
        condition: "Fewer processes serve than --workers says",
        summary: "{{ $labels.instance }} lacks workers",
        description:
          "Only {{ $value }} processes of {{ $labels.instance }} serve, fewer than --workers says.",
      },
      {
        alert: "WorkerRestarts",
        expr: `sum by (job, instance) (increase(${metric(METRICS.workerRestarts)}[15m])) >= ${RESTARTS}`,
        severity: "warning",
        condition: `At least ${RESTARTS} workers were replaced in 15 m`,
        summary: "Workers of {{ $labels.instance }} die or hang",
        description:
          '{{ $value | printf "%.0f" }} workers of {{ $labels.instance }} were replaced in the last 15 minutes.',
      },
      {
        alert: "HostMemoryLow",
        expr: `${memory} / ${foreign("node_memory_MemTotal_bytes")} < ${LEAST_HOST_MEMORY}`,
        for: "10m",
        severity: "warning",
        condition: `Less than ${LEAST_HOST_MEMORY * 100} % of the host's memory is available`,
        summary: "The host of {{ $labels.instance }} is short of memory",
        description: `{{ $value | humanizePercentage }} of the memory that {{ $labels.instance }} sees is available; the limit is ${LEAST_HOST_MEMORY * 100}%.`,
      },
    ],
  },
];
