import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition } from "./dashboard-definition.ts";
import { SCRAPE } from "./external-metrics.ts";
import { CONTAINERS_ROW, HOST_ROW, hostCpu } from "./hosts.ts";
import {
  FOR_NOW,
  NOW,
  WARNINGS,
  above,
  eventLoop,
  eventLoopBusy,
  processCpu,
  residentMemory,
} from "./panel-parts.ts";
import { occurring, ofApi, rate, sum } from "./queries.ts";

const heap = [PROCESS_METRICS.heapUsed, PROCESS_METRICS.heapTotal] as const;

export const RESOURCES: DashboardDefinition = {
  uid: "tepal-resources",
  title: "Resources",
  description:
    "How much CPU and memory does the server use, how much does its host have left, and does the monitoring work?",
  rows: [
    {
      title: "Last minute",
      panels: [
        {
          kind: "stat",
          title: "Server CPU",
          description: "CPU usage of all server processes together over the last minute, in cores.",
          unit: "short",
          decimals: 2,
          queries: [
            {
              expr: sum(rate(ofApi(PROCESS_METRICS.cpuSeconds), NOW)),
              legend: "cores",
              fixedWindow: FOR_NOW,
            },
          ],
        },
        {
          kind: "stat",
          title: "Busiest event loop",
          description: `Event loop utilization of the busiest server over the last minute. Yellow from ${WARNINGS.eventLoopBusy * 100} %, red from ${OBJECTIVES.eventLoopBusy * 100} %, above which requests start to queue.`,
          unit: "percentunit",
          decimals: 1,
          limits: above(WARNINGS.eventLoopBusy, OBJECTIVES.eventLoopBusy),
          queries: [
            {
              expr: `max(${eventLoopBusy(["instance"], NOW)})`,
              legend: "busy",
              fixedWindow: FOR_NOW,
            },
          ],
        },
        {
          kind: "stat",
          title: "Server memory",
          description: "Resident memory of all server processes together.",
          unit: "bytes",
          queries: [{ expr: sum(ofApi(PROCESS_METRICS.residentMemory)), legend: "memory" }],
        },
        {
          kind: "stat",
          title: "Host CPU",
          description:
            "CPU utilization of the host over the last minute, all processes. Yellow from 70 %, red from 90 %.",
          unit: "percentunit",
          decimals: 1,
          limits: above(0.7, 0.9),
          queries: [{ expr: `max(${hostCpu(NOW)})`, legend: "busy", fixedWindow: FOR_NOW }],
        },
      ],
    },
    {
      title: "Server processes",
      panels: [
        processCpu("Server CPU over time"),
        eventLoop("Event loop"),
        {
          kind: "graph",
          title: "Event loop lag",
          description:
            "Delay of the event loop between scrapes: mean and 99th percentile. Every request waits at least this long.",
          unit: "s",
          queries: [
            {
              expr: `max by (instance) (${ofApi(PROCESS_METRICS.eventLoopLagMean)})`,
              legend: "mean {{instance}}",
            },
            {
              expr: `max by (instance) (${ofApi(PROCESS_METRICS.eventLoopLagP99)})`,
              legend: "p99 {{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Garbage collection",
          description:
            "Share of time spent on garbage collection, by kind, summed over all server processes.",
          unit: "percentunit",
          stacked: true,
          softMax: 0.05,
          queries: [
            {
              expr: occurring(ofApi(`${PROCESS_METRICS.gcDuration}_sum`), ["kind"]),
              legend: "{{kind}}",
            },
          ],
        },
        residentMemory("Server memory over time"),
        {
          kind: "graph",
          title: "JavaScript heap",
          description:
            "Heap in use and reserved, and external memory (buffers and native memory held by JavaScript). After each collection, used heap should return to the same level.",
          unit: "bytes",
          queries: [
            ...heap.map((name, index) => ({
              expr: sum(ofApi(name), ["instance"]),
              legend: `${index === 0 ? "used" : "reserved"} {{instance}}`,
            })),
            {
              expr: sum(ofApi(PROCESS_METRICS.externalMemory), ["instance"]),
              legend: "external {{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Open file descriptors",
          description:
            "Open file descriptors as a share of the limit. Each connection uses one. Dashed lines at 70 % and 90 %.",
          unit: "percentunit",
          width: 8,
          limits: above(0.7, 0.9),
          queries: [
            {
              expr: `${sum(ofApi(PROCESS_METRICS.openFileDescriptors), ["instance"])} / ${sum(ofApi(PROCESS_METRICS.maxFileDescriptors), ["instance"])}`,
              legend: "{{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Workers",
          description: "Serving processes, and the number requested with --workers.",
          unit: "short",
          decimals: 0,
          width: 8,
          queries: [
            {
              expr: sum(ofApi(METRICS.workers.name), ["instance"]),
              legend: "serving {{instance}}",
            },
            {
              expr: sum(ofApi(METRICS.workersWanted.name), ["instance"]),
              legend: "requested {{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Worker restarts",
          description: "Workers restarted since the server started, by reason.",
          unit: "short",
          decimals: 0,
          width: 8,
          queries: [
            {
              expr: sum(ofApi(METRICS.workerRestarts.name), ["reason"]),
              legend: "{{reason}}",
              total: "Restarts are rare; each step of the total is one restart",
              mayBeEmpty: "Empty without --workers.",
            },
          ],
        },
        {
          kind: "table",
          title: "Servers",
          description: "Version of Node.js and start time of each server.",
          unit: "short",
          width: 24,
          height: 6,
          labels: { instance: "Instance", version: "Node.js" },
          queries: [
            {
              expr: `max by (instance, version) (${ofApi(PROCESS_METRICS.versionInfo)} * on (job, instance) group_left () ${ofApi(PROCESS_METRICS.startTime)}) * 1000`,
              legend: "Running since",
            },
          ],
          units: { "Running since": "dateTimeAsIso" },
        },
      ],
    },
    HOST_ROW,
    CONTAINERS_ROW,
    {
      title: "Monitoring",
      panels: [
        {
          kind: "graph",
          title: "Scrape targets",
          description: "Result of the last scrape of each target: 1 succeeded, 0 failed.",
          unit: "short",
          decimals: 0,
          min: 0,
          max: 1,
          width: 8,
          queries: [
            { expr: `min by (job, instance) (${SCRAPE.up})`, legend: "{{job}} {{instance}}" },
          ],
        },
        {
          kind: "graph",
          title: "Scrape duration",
          description: "Duration of a scrape of each server.",
          unit: "s",
          width: 8,
          queries: [
            { expr: `max by (instance) (${ofApi(SCRAPE.duration)})`, legend: "{{instance}}" },
          ],
        },
        {
          kind: "graph",
          title: "Series",
          description:
            "Series exposed by each server, and series dropped because their metric reached its limit. Dropped series are not exposed.",
          unit: "short",
          width: 8,
          colors: [["^dropped", "red"]],
          queries: [
            {
              expr: `max by (instance) (${ofApi(SCRAPE.samples)})`,
              legend: "exposed {{instance}}",
            },
            {
              expr: `${sum(ofApi(METRICS.seriesDropped.name))} > 0`,
              legend: "dropped",
              mayBeEmpty: "Without dropped series, there is no line for them.",
              total: "Any dropped series is a problem",
            },
          ],
        },
      ],
    },
  ],
};
