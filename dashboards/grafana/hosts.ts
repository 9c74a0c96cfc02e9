/** What machines and containers use, as node-exporter and cAdvisor see it. */
import type { RowDefinition } from "./definition.ts";
import { CONTAINER, HOST, NEEDS_CONTAINERS } from "./exporters.ts";
import { above } from "./panel-parts.ts";
import { RATE_INTERVAL, rate, sum } from "./queries.ts";

function ofHost(name: string, ...matchers: readonly string[]): string {
  return `${name}{${['job="node"', ...matchers].join(", ")}}`;
}
function ofContainers(name: string): string {
  return `${name}{job="cadvisor", name!=""}`;
}

/** Without what is in memory, and what is only shown to containers. */
const DISKS = 'fstype!~"tmpfs|ramfs|overlay|squashfs|nsfs|proc|sysfs|devtmpfs"';
const NETWORKS = 'device!~"lo|veth.*|br-.*|docker.*"';

// A share of what was counted, and not 1 less the idle share: over a window that is not yet full, rates are extrapolated.
export const hostCpu = (window: string): string =>
  `${sum(rate(ofHost(HOST.cpuSeconds, 'mode!~"idle|iowait|steal"'), window), ["instance"])} / ${sum(rate(ofHost(HOST.cpuSeconds), window), ["instance"])}`;
const hostMemory = `1 - ${sum(ofHost(HOST.memoryAvailable), ["instance"])} / ${sum(ofHost(HOST.memoryTotal), ["instance"])}`;

export const HOST_ROW: RowDefinition = {
  title: "The host",
  panels: [
    {
      kind: "graph",
      title: "Host: CPU",
      description: "Which share of the cores works, for whomever? The dashed lines: 70 % and 90 %.",
      unit: "percentunit",
      min: 0,
      max: 1,
      limits: above(0.7, 0.9),
      queries: [{ expr: hostCpu(RATE_INTERVAL), legend: "{{instance}}" }],
    },
    {
      kind: "graph",
      title: "Host: load against cores",
      description: "Do more want to run than there are cores? Above 1, some wait.",
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
          total: "Cores are counted by their series, whatever these hold",
        },
      ],
    },
    {
      kind: "graph",
      title: "Host: memory",
      description:
        "Which share of the memory is taken? Caches, which can be given back, are not. The dashed lines: 80 % and 95 %.",
      unit: "percentunit",
      min: 0,
      max: 1,
      limits: above(0.8, 0.95),
      queries: [{ expr: hostMemory, legend: "{{instance}}" }],
    },
    {
      kind: "graph",
      title: "Host: disks",
      description: "How full are the disks? The dashed lines: 80 % and 95 %.",
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
      title: "Host: disk traffic",
      description: "How much is read from the disks and written to them?",
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
      description: "How much comes in and goes out? Without what stays on the host.",
      unit: "Bps",
      queries: [
        {
          expr: sum(rate(ofHost(HOST.networkReceived, NETWORKS)), ["instance"]),
          legend: "in {{instance}}",
        },
        {
          expr: sum(rate(ofHost(HOST.networkSent, NETWORKS)), ["instance"]),
          legend: "out {{instance}}",
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
      description: "How many cores does each container use?",
      unit: "short",
      decimals: 2,
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
      description: "How much memory does each container hold?",
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
        "In which share of its periods was a container held back because it has a limit on CPU?",
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
