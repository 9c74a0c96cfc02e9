import type { Labels, QueryResult } from "../prometheus/client.ts";
import type { Target } from "./dashboard.ts";
import type { CellValue } from "./display.ts";

/** A column. Values that JSON lacks are numbers: NaN and ±Inf. */
export interface Field {
  readonly name: string;
  /** The name that users see, if it is another: of a series in a joined table, or after a renaming. */
  readonly displayName?: string;
  readonly type: "time" | "number" | "string" | "boolean";
  readonly labels: Labels;
  readonly values: readonly CellValue[];
  /** Samples behind each value, which a cell draws as a sparkline. */
  readonly trends?: readonly (readonly (number | null)[])[];
}

/** A table: one series, or the reply of a query. The first field of a series is its time, in milliseconds. */
export interface Frame {
  readonly refId: string;
  /** The name of the series; empty for a table. */
  readonly name: string;
  readonly fields: readonly Field[];
}

export interface Grid {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/**
 * Converts the reply of a range query to frames. All series of a reply share one grid of times, from the start to the end, with null
 * where a series has no sample.
 */
export function toRangeFrames(result: QueryResult, target: Target, grid: Grid): readonly Frame[] {
  if (result.resultType !== "matrix") return toInstantFrames(result, target);
  const times: number[] = [];
  for (let at = grid.from; at <= grid.to; at += grid.stepMs) times.push(at);
  const name = createNames(
    result.result.map(({ metric }) => metric),
    target,
  );
  const frames = result.result.map(({ metric, values }) => {
    const column = times.map((): number | null => null);
    for (const [seconds, value] of values) {
      const index = Math.round((seconds * 1_000 - grid.from) / grid.stepMs);
      if (index >= 0 && index < column.length) column[index] = toNumber(value);
    }
    return toSeries(target.refId, name(metric), metric, times, column);
  });
  return target.format === "heatmap" ? splitBuckets(frames) : frames;
}

/** Converts the reply of an instant query to one frame for each series, or to one table. */
export function toInstantFrames(result: QueryResult, target: Target): readonly Frame[] {
  const samples = listSamples(result);
  if (target.format === "table")
    return samples.length === 0 ? [] : [toTable(samples, target.refId)];
  const name = createNames(
    samples.map(({ metric }) => metric),
    target,
  );
  const frames = samples.map(({ metric, time, value }) =>
    toSeries(target.refId, name(metric), metric, [time], [value]),
  );
  return target.format === "heatmap" ? splitBuckets(frames) : frames;
}

interface Sample {
  readonly metric: Labels;
  /** Milliseconds. */
  readonly time: number;
  readonly value: number;
}

function listSamples(result: QueryResult): readonly Sample[] {
  switch (result.resultType) {
    case "vector":
      return result.result.map(({ metric, value: [time, value] }) => ({
        metric,
        time: time * 1_000,
        value: toNumber(value),
      }));
    case "matrix":
      return result.result.flatMap(({ metric, values }) =>
        values.map(([time, value]) => ({ metric, time: time * 1_000, value: toNumber(value) })),
      );
    default: {
      const [time, value] = result.result;
      return [{ metric: {}, time: time * 1_000, value: toNumber(value) }];
    }
  }
}

function toSeries(
  refId: string,
  name: string,
  labels: Labels,
  times: readonly number[],
  values: readonly (number | null)[],
): Frame {
  return {
    refId,
    name,
    fields: [
      { name: "Time", type: "time", labels: {}, values: times },
      { name: "Value", type: "number", labels, values },
    ],
  };
}

function toTable(samples: readonly Sample[], refId: string): Frame {
  const labels = [...new Set(samples.flatMap(({ metric }) => Object.keys(metric)))].toSorted();
  return {
    refId,
    name: "",
    fields: [
      { name: "Time", type: "time", labels: {}, values: samples.map(({ time }) => time) },
      ...labels.map((label): Field => ({
        name: label,
        type: "string",
        labels: {},
        values: samples.map(({ metric }) => metric[label] ?? ""),
      })),
      { name: "Value", type: "number", labels: {}, values: samples.map(({ value }) => value) },
    ],
  };
}

/** Smaller differences of buckets are rounding errors. */
const NOISE = 1e-9;

/** Sorts the buckets of histograms by their upper bound, and subtracts from each the one below, which it contains. */
function splitBuckets(frames: readonly Frame[]): readonly Frame[] {
  const boundOf = ({ fields }: Frame): number => toNumber(fields[1]?.labels["le"] ?? "NaN");
  const groups = Map.groupBy(frames, ({ fields }) => {
    const { le: _bound, ...others } = fields[1]?.labels ?? {};
    return JSON.stringify(others);
  });
  return [...groups.values()].flatMap((buckets) => {
    const sorted = buckets.toSorted((a, b) => boundOf(a) - boundOf(b));
    return sorted.map((bucket, index) => {
      const below = sorted[index - 1]?.fields[1]?.values;
      const fields = bucket.fields.map((field) =>
        field.type === "number" && below !== undefined
          ? {
              ...field,
              values: field.values.map((value, at) => subtract(value, below[at] ?? null)),
            }
          : field,
      );
      return { ...bucket, fields };
    });
  });
}

function subtract(value: CellValue, below: CellValue): CellValue {
  if (typeof value !== "number" || typeof below !== "number") return value;
  const difference = value - below;
  return difference < NOISE ? 0 : difference;
}

/** Names the values of several tables by their query: `Value #A`. */
export function nameTableValues(frames: readonly Frame[]): readonly Frame[] {
  const tables = frames.filter(({ name }) => name === "");
  if (new Set(tables.map(({ refId }) => refId)).size < 2) return frames;
  return frames.map((frame) =>
    frame.name === ""
      ? {
          ...frame,
          fields: frame.fields.map((field) =>
            field.name === "Value" ? { ...field, name: `Value #${frame.refId}` } : field,
          ),
        }
      : frame,
  );
}

/** Creates the names of series by the legend format of their target. */
function createNames(
  metrics: readonly Labels[],
  { legendFormat, expr }: Target,
): (metric: Labels) => string {
  if (legendFormat === "__auto") {
    const keys = new Set(metrics.flatMap((metric) => Object.keys(metric)));
    const [only] = keys;
    const isShared = keys.size === 1 && metrics.every((metric) => Object.keys(metric).length === 1);
    return (metric) =>
      isShared && only !== undefined ? metric[only]! : toSelector("", metric) || expr;
  }
  if (legendFormat === "") {
    return ({ __name__: name = "", ...labels }) => toSelector(name, labels) || expr;
  }
  return (metric) =>
    legendFormat.replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (_match, label: string) => metric[label] ?? "");
}

/** Formats `name{a="b", c="d"}`; empty without name and labels. */
export function toSelector(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .filter(([label]) => label !== "__name__")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(", ")}}`;
}

/** Parses a sample: `NaN`, `+Inf`, `-Inf` or a number. */
export function toNumber(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}
