/** Rules on saturation: CPU, memory, workers. They fire before users notice. */
import { METRICS, PROCESS_METRICS } from "../metrics/names.ts";
import { external, metric } from "./promql.ts";
import type { RuleGroup } from "./rule.ts";
import type { AlertSettings } from "./settings.ts";

/** A process with a few models needs 0.1 to 0.2 GiB. Raise the limit for large models. */
const MEMORY_GIBIBYTES = 1;

const memory = external("node_memory_MemAvailable_bytes");

export const createProcessGroups = (settings: AlertSettings): readonly RuleGroup[] => [
  {
    name: "process",
    rules: [
      {
        record: "instance:eventloop_utilisation:rate5m",
        expr: `rate(${metric(METRICS.eventLoopActive)}[5m]) / ${metric(METRICS.workers)}`,
      },
      {
        alert: "EventLoopSaturated",
        expr: `instance:eventloop_utilisation:rate5m > ${settings.eventLoopBusy}`,
        for: "10m",
        severity: "warning",
        condition: `Event loop utilization over 5m is above ${settings.eventLoopBusy * 100} %`,
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary: "{{ $labels.instance }} is close to its CPU limit; latency will rise",
        description: `The event loops of {{ $labels.instance }} are busy {{ $value | humanizePercentage }} of the time, averaged over its processes; the limit is ${settings.eventLoopBusy * 100}%. Add processes with --workers, or replicas.`,
      },
      {
        alert: "MemoryHigh",
        expr: `${external(PROCESS_METRICS.residentMemory)} / ${metric(METRICS.workers)} > ${MEMORY_GIBIBYTES} * 1024 ^ 3`,
        for: "10m",
        severity: "warning",
        condition: `Resident memory per serving process is above ${MEMORY_GIBIBYTES} GiB`,
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary: "{{ $labels.instance }} uses too much memory",
        description: `{{ $labels.instance }} uses {{ $value | humanize1024 }}B of resident memory per serving process; the limit is ${MEMORY_GIBIBYTES}GiB. On the Resources dashboard, a line that only rises is a leak.`,
      },
      {
        alert: "WorkerMissing",
        expr: `${metric(METRICS.workers)} < ${metric(METRICS.workersWanted)}`,
        for: "5m",
        severity: "warning",
        condition: "Fewer processes serve than --workers requests",
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary: "{{ $labels.instance }} runs with reduced capacity: workers are missing",
        description:
          "{{ $value }} processes of {{ $labels.instance }} serve, fewer than --workers requests. The server log states why a worker cannot start.",
      },
      {
        alert: "WorkerRestarts",
        expr: `sum by (job, instance) (increase(${metric(METRICS.workerRestarts)}[15m])) >= ${settings.workerRestarts}`,
        severity: "warning",
        condition: `At least ${settings.workerRestarts} workers were restarted in 15m`,
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary: "Workers of {{ $labels.instance }} keep exiting or hanging",
        description:
          '{{ $value | printf "%.0f" }} workers of {{ $labels.instance }} were restarted in the last 15 minutes. The server log states the reason of each restart.',
      },
      {
        alert: "HostMemoryLow",
        expr: `${memory} / ${external("node_memory_MemTotal_bytes")} < ${settings.hostMemoryShare}`,
        for: "10m",
        severity: "warning",
        condition: `Less than ${settings.hostMemoryShare * 100} % of the host's memory is available`,
        dashboard: { uid: "tepal-resources", labels: [] },
        summary: "The host of {{ $labels.instance }} is running out of memory",
        description: `{{ $value | humanizePercentage }} of the host memory that {{ $labels.instance }} reports is available; the limit is ${settings.hostMemoryShare * 100}%. Look for the largest processes and containers on the host.`,
      },
    ],
  },
];
