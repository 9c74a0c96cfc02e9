/** Rules on saturation: CPU, memory, workers. They fire before users notice. */
import { METRICS, PROCESS_METRICS } from "../metrics/names.ts";
import { external, metric } from "./promql.ts";
import { toPercent, type RuleGroup } from "./rule.ts";
import type { AlertSettings } from "./settings.ts";

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
        condition: `Event loop utilization over 5m is above ${toPercent(settings.eventLoopBusy)} %`,
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary:
          "Predictions of {{ $labels.instance }} become slower: it is close to its CPU limit",
        description: `The event loops of {{ $labels.instance }} are busy {{ $value | humanizePercentage }} of the time, averaged over its processes; the limit is ${toPercent(settings.eventLoopBusy)}%. Add processes with --workers, or replicas.`,
      },
      {
        alert: "MemoryHigh",
        expr: `${external(PROCESS_METRICS.residentMemory)} / ${metric(METRICS.memoryLimit)} > ${settings.memoryShare}`,
        for: "10m",
        severity: "warning",
        condition: `Resident memory of all processes is above ${toPercent(settings.memoryShare)} % of the limit of the container, or of the host's memory`,
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary:
          "Requests to {{ $labels.instance }} will fail if it uses more memory: it is close to its limit",
        description: `{{ $labels.instance }} uses {{ $value | humanizePercentage }} of the memory of its container or host; the limit of this alert is ${toPercent(settings.memoryShare)}%. At 100% the kernel ends a process. On the Resources dashboard, a line that only rises is a leak.`,
      },
      {
        alert: "WorkerMissing",
        expr: `${metric(METRICS.workers)} < ${metric(METRICS.workersWanted)}`,
        for: "5m",
        severity: "warning",
        condition: "Fewer processes serve than --workers requests",
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary: "Clients of {{ $labels.instance }} may wait longer: workers are missing",
        description:
          "{{ $value }} processes of {{ $labels.instance }} serve, fewer than --workers requests. The server log states why a worker cannot start.",
      },
      {
        alert: "WorkerRestarts",
        expr: `sum by (job, instance) (increase(${metric(METRICS.workerRestarts)}[15m])) >= ${settings.workerRestarts}`,
        severity: "warning",
        condition: `At least ${settings.workerRestarts} workers were restarted in 15m`,
        dashboard: { uid: "tepal-resources", labels: ["job", "instance"] },
        summary:
          "Some requests to {{ $labels.instance }} fail: its workers keep exiting or hanging",
        description:
          '{{ $value | printf "%.0f" }} workers of {{ $labels.instance }} were restarted in the last 15 minutes. The server log states the reason of each restart.',
      },
      {
        alert: "HostMemoryLow",
        expr: `${memory} / ${external("node_memory_MemTotal_bytes")} < ${settings.hostMemoryShare}`,
        for: "10m",
        severity: "warning",
        condition: `Less than ${toPercent(settings.hostMemoryShare)} % of the host's memory is available`,
        dashboard: { uid: "tepal-resources", labels: [] },
        summary:
          "Requests may fail soon: the host of {{ $labels.instance }} is running out of memory",
        description: `{{ $value | humanizePercentage }} of the host memory that {{ $labels.instance }} reports is available; the limit is ${toPercent(settings.hostMemoryShare)}%. Look for the largest processes and containers on the host.`,
      },
    ],
  },
];
