import type { Profile, RunPlan } from "../../../../src/load/contract/plan.ts";
import type { EndpointStatistics, RunReport } from "../../../../src/load/contract/report.ts";
import {
  formatBytes,
  formatChange,
  formatCount,
  formatMs,
  formatPoints,
  formatRate,
  formatShare,
} from "../../lib/format.ts";
import { toFailureShare } from "../states.ts";

/** One statistic of two runs. */
export interface Comparison {
  readonly label: string;
  readonly first: string;
  readonly second: string;
  readonly change: string;
  /** Verdict on the second run, beyond the variation between runs. */
  readonly tone: "good" | "bad" | "plain";
}

/** Changes below this ratio count as variation. */
const NOTABLE = 0.05;

interface Statistic {
  readonly label: string;
  readonly value: (endpoint: EndpointStatistics) => number | null;
  readonly format: (value: number) => string;
  readonly better: "more" | "less" | "neither";
  /** @default formatChange */
  readonly formatDifference?: (base: number, value: number) => string;
}

const time =
  (field: "mean_ms" | "p50_ms" | "p90_ms" | "p95_ms" | "p99_ms" | "p999_ms" | "max_ms") =>
  (endpoint: EndpointStatistics): number | null => {
    const distribution = endpoint.response_time ?? endpoint.service_time;
    return distribution[field];
  };

const FIGURES: readonly Statistic[] = [
  { label: "Requests", value: ({ requests }) => requests, format: formatCount, better: "neither" },
  {
    label: "Req/s",
    value: (endpoint) => endpoint.requests_per_second,
    format: formatRate,
    better: "more",
  },
  {
    label: "Failures",
    value: toFailureShare,
    format: formatShare,
    better: "less",
    // A ratio of shares misleads: 0.1 % to 0.2 % is a small change.
    formatDifference: formatPoints,
  },
  { label: "Mean", value: time("mean_ms"), format: formatMs, better: "less" },
  { label: "p50", value: time("p50_ms"), format: formatMs, better: "less" },
  { label: "p90", value: time("p90_ms"), format: formatMs, better: "less" },
  { label: "p95", value: time("p95_ms"), format: formatMs, better: "less" },
  { label: "p99", value: time("p99_ms"), format: formatMs, better: "less" },
  { label: "p99.9", value: time("p999_ms"), format: formatMs, better: "less" },
  { label: "Max", value: time("max_ms"), format: formatMs, better: "less" },
  {
    label: "Received",
    value: (endpoint) => endpoint.received_bytes,
    format: formatBytes,
    better: "neither",
  },
];

/** The parts of a plan that make its load. */
type LoadPlan = Pick<RunPlan, "profile" | "user_classes" | "tags" | "exclude_tags">;

/** Returns the parts of the load in which two runs differ, each with the values of both; empty for the same load. */
export function findLoadDifferences(
  a: LoadPlan,
  b: LoadPlan,
  formatProfile: (profile: Profile) => string,
): readonly LoadDifference[] {
  const parts: readonly (readonly [string, (plan: LoadPlan) => string])[] = [
    ["Load", ({ profile }) => formatProfile(profile)],
    ["User classes", (plan) => formatList(plan.user_classes, "all")],
    ["Only tasks tagged", (plan) => formatList(plan.tags, "all tasks")],
    ["No tasks tagged", (plan) => formatList(plan.exclude_tags, "none")],
  ];
  return parts
    .map(([label, format]) => ({ label, first: format(a), second: format(b) }))
    .filter(({ first, second }) => first !== second);
}

function formatList(values: readonly string[], none: string): string {
  return values.length === 0 ? none : values.toSorted().join(", ");
}

export interface LoadDifference {
  readonly label: string;
  readonly first: string;
  readonly second: string;
}

/** Statistics of one endpoint in two runs; undefined for a run without it. */
export function compareEndpoints(
  first: EndpointStatistics | undefined,
  second: EndpointStatistics | undefined,
  { isSameLoad }: { readonly isSameLoad: boolean },
): readonly Comparison[] {
  return FIGURES.map(({ label, value, format, better, formatDifference = formatChange }) => {
    const a = first === undefined ? null : value(first);
    const b = second === undefined ? null : value(second);
    return {
      label,
      first: a === null ? "–" : format(a),
      second: b === null ? "–" : format(b),
      change: a === null || b === null ? "–" : formatDifference(a, b),
      // Under different loads, no change is better or worse.
      tone: a === null || b === null || !isSameLoad ? "plain" : rateChange(a, b, better),
    };
  });
}

function rateChange(a: number, b: number, better: Statistic["better"]): Comparison["tone"] {
  if (better === "neither" || Math.abs(b - a) <= NOTABLE * Math.abs(a)) return "plain";
  return b > a === (better === "more") ? "good" : "bad";
}

/** Returns the names of all endpoints of two runs, `POST predict`, the total first. */
export function listEndpoints(first: RunReport, second: RunReport): readonly string[] {
  const names = [first, second].flatMap(({ endpoints }) => endpoints.map(toEndpointName));
  return [toEndpointName(first.total), ...new Set(names)];
}

export function findEndpoint(report: RunReport, name: string): EndpointStatistics | undefined {
  return [report.total, ...report.endpoints].find((endpoint) => toEndpointName(endpoint) === name);
}

function toEndpointName({ method, name }: EndpointStatistics): string {
  return `${method} ${name}`.trim();
}
