import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition } from "./definition.ts";
import { SCRAPE } from "./exporters.ts";
import { CONTAINERS_ROW, HOST_ROW, hostCpu } from "./hosts.ts";
import {
  FOR_NOW,
  NOW,
  above,
  eventLoop,
  eventLoopBusy,
  processCpu,
  residentMemory,
} from "./panel-parts.ts";
import { ofApi, rate, sum } from "./queries.ts";

const heap = [PROCESS_METRICS.heapUsed, PROCESS_METRICS.heapTotal] as const;

export const RESOURCES: DashboardDefinition = {
  uid: "tepal-resources",
  title: "Resources",
  description:
    "What does the server use, what does its host have left, and does the monitoring itself work?",
  rows: [
    {
      title: "Now",
      panels: [
        {
          kind: "stat",
          title: "CPU of the server",
          description:
            "How many cores did the server use in the last minute, all processes together?",
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
          description: `How much of the last minute did the busiest server's event loop work? Yellow from 70 %, red from ${OBJECTIVES.eventLoopBusy * 100} %: requests begin to wait.`,
          unit: "percentunit",
          decimals: 1,
          limits: above(0.7, OBJECTIVES.eventLoopBusy),
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
          title: "Memory of the server",
          description: "How much memory does the server hold, all processes together?",
          unit: "bytes",
          queries: [{ expr: sum(ofApi(PROCESS_METRICS.residentMemory)), legend: "memory" }],
        },
        {
          kind: "stat",
          title: "CPU of the host",
          description:
            "Which share of the host's cores worked in the last minute, for whomever? Yellow from 70 %, red from 90 %.",
          unit: "percentunit",
          decimals: 1,
          limits: above(0.7, 0.9),
          queries: [{ expr: `max(${hostCpu(NOW)})`, legend: "busy", fixedWindow: FOR_NOW }],
        },
      ],
    },
    {
      title: "The server's processes",
      panels: [
        processCpu("CPU of the server over time"),
        eventLoop("Event loop"),
        {
          kind: "graph",
          title: "Lag of the event loop",
          description:
            "How late does the event loop come to what waits for it? Measured between scrapes; what is late here is late for every request.",
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
            "Which share of time goes into collecting garbage, by kind? Of all processes together.",
          unit: "percentunit",
          stacked: true,
          queries: [
            {
              expr: sum(rate(ofApi(`${PROCESS_METRICS.gcDuration}_sum`)), ["kind"]),
              legend: "{{kind}}",
            },
          ],
        },
        residentMemory("Memory of the server over time"),
        {
          kind: "graph",
          title: "JavaScript heap",
          description:
            "How much of the heap is in use? External: buffers and native memory that JavaScript holds. After each collection the line should come back to where it was.",
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
          title: "Open files",
          description:
            "Which share of the descriptors that it may have does the server use? Connections are descriptors too.",
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
          description: "Do as many processes serve as should (--workers)?",
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
              legend: "wanted {{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Workers replaced",
          description:
            "Do workers end or hang? Totals since the start; a server of one process has none.",
          unit: "short",
          decimals: 0,
          width: 8,
          queries: [
            {
              expr: sum(ofApi(METRICS.workerRestarts.name), ["reason"]),
              legend: "{{reason}}",
              total: "Replacements are rare: each step of the total is one",
              mayBeEmpty: "Nothing without --workers.",
            },
          ],
        },
        {
          kind: "table",
          title: "Processes",
          description: "Which servers run on which Node.js, since when?",
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
      title: "The monitoring itself",
      panels: [
        {
          kind: "graph",
          title: "Targets",
          description: "Which of the things that Prometheus asks answer? 1 answers, 0 does not.",
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
          title: "Time of a scrape",
          description: "How long does a scrape of the server take?",
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
            "How many series does the server expose, and were some dropped because their metric has too many? Dropped ones are nowhere to be seen.",
          unit: "short",
          width: 8,
          colors: [["^dropped", "red"]],
          queries: [
            {
              expr: `max by (instance) (${ofApi(SCRAPE.samples)})`,
              legend: "exposed {{instance}}",
            },
            {
              expr: `${sum(ofApi(METRICS.seriesDropped.name))} or vector(0)`,
              legend: "dropped",
              total: "Any dropped series is one too many",
            },
          ],
        },
      ],
    },
  ],
};
