/** Rows on hosts (node-exporter) and containers (cAdvisor). */
import type { RowDefinition } from "./dashboard-definition.ts";
import { CONTAINER, HOST, NEEDS_CONTAINERS } from "./external-metrics.ts";
import { above } from "./panel-parts.ts";
import { RATE_INTERVAL, rate, sum } from "./queries.ts";

function ofHost(name: string, ...matchers: readonly string[]): string {
  return `${name}{${['job="node"', ...matchers].join(", ")}}`;
}
function ofContainers(name: string): string {
  return `${name}{job="cadvisor", name!=""}`;
}

/** Excludes file systems in memory and those of containers. */
const DISKS = 'fstype!~"tmpfs|ramfs|overlay|squashfs|nsfs|proc|sysfs|devtmpfs"';
/** Excludes loopback, bridges and container interfaces. */
const NETWORKS = 'device!~"lo|veth.*|br-.*|docker.*"';

// Busy time divided by all time, rather than 1 − idle: rates over an incomplete window are extrapolated.
export const hostCpu = (window: string): string =>
  `${sum(rate(ofHost(HOST.cpuSeconds, 'mode!~"idle|iowait|steal"'), window), ["instance"])} / ${sum(rate(ofHost(HOST.cpuSeconds), window), ["instance"])}`;
const hostMemory = `1 - ${sum(ofHost(HOST.memoryAvailable), ["instance"])} / ${sum(ofHost(HOST.memoryTotal), ["instance"])}`;

export const HOST_ROW: RowDefinition = {
  title: "Host",
  panels: [
    {
      kind: "graph",
      title: "Host: CPU",
      description: "CPU utilization of the host, all processes. Dashed lines at 70 % and 90 %.",
      unit: "percentunit",
      min: 0,
      max: 1,
      limits: above(0.7, 0.9),
      queries: [{ expr: hostCpu(RATE_INTERVAL), legend: "{{instance}}" }],
    },
    {
      kind: "graph",
      title: "Host: load per core",
      description:
        "1-minute load average divided by the number of cores. Above 1, processes wait for CPU.",
      unit: "short",
      decimals: 2,
      limits: [
        { from: Number.NEGATIVE_INFINITY, color: "green" },
        { from: 1, color: "red" },
      ],
      queries: [
        {
          expr: `${sum(ofHost(HOST.load1), ["instance"])} / count by (instance) (${ofHost(HOST.cpuSeconds, 'mode="idle"')})`,
          legend: "{{instance}}",
          total: "Cores are counted by their series, independent of the values",
        },
      ],
    },
    {
      kind: "graph",
      title: "Host: memory",
      description:
        "Share of memory in use. Reclaimable caches count as available. Dashed lines at 80 % and 95 %.",
      unit: "percentunit",
      min: 0,
      max: 1,
      limits: above(0.8, 0.95),
      queries: [{ expr: hostMemory, legend: "{{instance}}" }],
    },
    {
      kind: "graph",
      title: "Host: disks",
      description: "Share of disk space in use, by device. Dashed lines at 80 % and 95 %.",
      unit: "percentunit",
      min: 0,
      max: 1,
      limits: above(0.8, 0.95),
      queries: [
        {
          expr: `1 - max by (instance, device) (${ofHost(HOST.diskAvailable, DISKS)} / (${ofHost(HOST.diskSize, DISKS)} > 0))`,
          legend: "{{instance}} {{device}}",
        },
      ],
    },
    {
      kind: "graph",
      title: "Host: disk I/O",
      description: "Bytes read from and written to disks per second.",
      unit: "Bps",
      queries: [
        { expr: sum(rate(ofHost(HOST.diskRead)), ["instance"]), legend: "read {{instance}}" },
        {
          expr: sum(rate(ofHost(HOST.diskWritten)), ["instance"]),
          legend: "written {{instance}}",
        },
      ],
    },
    {
      kind: "graph",
      title: "Host: network",
      description: "Bytes received and sent per second, without loopback and container interfaces.",
      unit: "Bps",
      queries: [
        {
          expr: sum(rate(ofHost(HOST.networkReceived, NETWORKS)), ["instance"]),
          legend: "received {{instance}}",
        },
        {
          expr: sum(rate(ofHost(HOST.networkSent, NETWORKS)), ["instance"]),
          legend: "sent {{instance}}",
        },
      ],
    },
  ],
};

export const CONTAINERS_ROW: RowDefinition = {
  title: "Containers",
  panels: [
    {
      kind: "graph",
      title: "Containers: CPU",
      description: "CPU usage of each container, in cores.",
      unit: "short",
      decimals: 2,
      softMax: 0.1,
      width: 8,
      queries: [
        {
          expr: sum(rate(ofContainers(CONTAINER.cpuSeconds)), ["name"]),
          legend: "{{name}}",
          mayBeEmpty: NEEDS_CONTAINERS,
        },
      ],
    },
    {
      kind: "graph",
      title: "Containers: memory",
      description: "Working set memory of each container.",
      unit: "bytes",
      width: 8,
      queries: [
        {
          expr: sum(ofContainers(CONTAINER.memory), ["name"]),
          legend: "{{name}}",
          mayBeEmpty: NEEDS_CONTAINERS,
        },
      ],
    },
    {
      kind: "graph",
      title: "Containers: throttled",
      description:
        "Share of CPU scheduling periods in which the container was throttled by its CPU limit.",
      unit: "percentunit",
      min: 0,
      max: 1,
      width: 8,
      queries: [
        {
          expr: `${sum(rate(ofContainers(CONTAINER.throttledPeriods)), ["name"])} / (${sum(rate(ofContainers(CONTAINER.periods)), ["name"])} > 0)`,
          legend: "{{name}}",
          mayBeEmpty: NEEDS_CONTAINERS,
        },
      ],
    },
  ],
};
