import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { request } from "undici";
import { formatFloat } from "../../src/promql/format-number.ts";
import { createLabels } from "../../src/series/labels.ts";
import { METRIC_NAME, type Labels, type SeriesSamples } from "../../src/series/series.ts";
import { startPrometheusWith } from "../support/monitoring.ts";

/** A real Prometheus that has stored the given samples only. */
export interface BackfilledPrometheus extends AsyncDisposable {
  readonly url: string;
  readonly queryInstant: (query: string, timeMs: number) => Promise<Answer>;
  readonly queryRange: (query: string, range: Range) => Promise<Answer>;
}

export interface Range {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface Answer {
  /** Undefined for a successful query. */
  readonly error: string | undefined;
  readonly type: string;
  /** For a vector or scalar, one point for each series. */
  readonly series: readonly AnswerSeries[];
  /** Time of the evaluation itself, without HTTP and JSON. */
  readonly evaluationMs: number;
}

export interface AnswerSeries {
  readonly labels: Labels;
  readonly points: readonly (readonly [timeMs: number, value: number])[];
}

/** @param folder an empty folder */
export async function startBackfilledPrometheus(
  folder: string,
  series: readonly SeriesSamples[],
): Promise<BackfilledPrometheus> {
  const samples = `${folder}/samples.txt`;
  await mkdir(`${folder}/data`, { recursive: true });
  await writeFile(samples, toOpenMetrics(series));
  await promisify(execFile)("promtool", [
    "tsdb",
    "create-blocks-from",
    "openmetrics",
    samples,
    `${folder}/data`,
  ]);
  await writeFile(`${folder}/prometheus.yml`, "global:\n  evaluation_interval: 1m\n");
  const monitor = await startPrometheusWith([
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    // The samples may be older than the default retention.
    "--storage.tsdb.retention.time=100y",
  ]);
  const ask = (path: string, form: Record<string, string>) =>
    askApi(`${monitor.url}/api/v1/${path}`, form);
  return {
    url: monitor.url,
    queryInstant: (query, timeMs) => ask("query", { query, time: toSeconds(timeMs) }),
    queryRange: (query, { startMs, endMs, stepMs }) =>
      ask("query_range", {
        query,
        start: toSeconds(startMs),
        end: toSeconds(endMs),
        step: toSeconds(stepMs),
      }),
    [Symbol.asyncDispose]: () => monitor[Symbol.asyncDispose](),
  };
}

const toSeconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** Formats the samples for promtool; the series of a metric are contiguous. */
function toOpenMetrics(series: readonly SeriesSamples[]): string {
  const names = Map.groupBy(series, ({ labels }) => labels.get(METRIC_NAME) ?? "");
  const lines: string[] = [];
  for (const group of names.values()) {
    for (const { labels, times, values, stale } of group) {
      const text = toText(labels);
      for (const [i, time] of times.entries()) {
        if (stale?.[i] === 1) throw new Error("the text format has no staleness markers");
        lines.push(`${text} ${formatFloat(values[i]!)} ${toSeconds(time)}`);
      }
    }
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

function toText(labels: Labels): string {
  const pairs = [...labels].filter(([name]) => name !== METRIC_NAME);
  const inside = pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",");
  return `${labels.get(METRIC_NAME) ?? ""}{${inside}}`;
}

interface Reply {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: unknown;
    readonly stats?: { readonly timings?: { readonly evalTotalTime?: number } };
  };
}

async function askApi(url: string, form: Record<string, string>): Promise<Answer> {
  const { body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ ...form, stats: "all" }).toString(),
  });
  const { status, error, data } = (await body.json()) as Reply;
  if (status !== "success" || data === undefined) {
    return { error: error ?? "unknown", type: "", series: [], evaluationMs: 0 };
  }
  return {
    error: undefined,
    type: data.resultType,
    series: toSeries(data.resultType, data.result),
    evaluationMs: (data.stats?.timings?.evalTotalTime ?? Number.NaN) * 1_000,
  };
}

type Point = readonly [seconds: number, value: string];
interface JsonSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
}

function toSeries(type: string, result: unknown): AnswerSeries[] {
  if (type === "scalar" || type === "string") {
    return [{ labels: createLabels({}), points: [toPoint(result as Point)] }];
  }
  return (result as readonly JsonSeries[]).map(({ metric, value, values }) => ({
    labels: createLabels(metric),
    points: (values ?? (value === undefined ? [] : [value])).map(toPoint),
  }));
}

function toPoint([seconds, value]: Point): readonly [number, number] {
  const number = value.endsWith("Inf")
    ? value.startsWith("-")
      ? -Infinity
      : Infinity
    : Number(value);
  return [Math.round(seconds * 1_000), number];
}
