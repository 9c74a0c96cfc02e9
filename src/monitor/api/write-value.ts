import { formatFloat } from "../../promql/format-number.ts";
import type { MatrixSeries, QueryValue, VectorSample } from "../../promql/promql.ts";
import type { Labels } from "../../series/series.ts";
import type { JsonBytes } from "./json-bytes.ts";

/** Writes the result of a query: `{"resultType":"matrix","result":[…]}`, with its statistics if they are requested. */
export function writeValue(out: JsonBytes, value: QueryValue, stats?: object): void {
  out.add(`{"resultType":"${value.type}","result":`);
  switch (value.type) {
    case "scalar":
      out.add(`[${formatTime(value.timeMs)},"${formatFloat(value.value)}"]`);
      break;
    case "string":
      out.add(`[${formatTime(value.timeMs)},${JSON.stringify(value.value)}]`);
      break;
    case "vector":
      writeVector(out, value.samples, value.timeMs);
      break;
    case "matrix":
      writeMatrix(out, value.series);
      break;
  }
  if (stats !== undefined) out.add(`,"stats":${JSON.stringify(stats)}`);
  out.add("}");
}

function writeVector(out: JsonBytes, samples: readonly VectorSample[], timeMs: number): void {
  const time = formatTime(timeMs);
  let before = "[";
  for (const { labels, value } of samples) {
    out.add(
      `${before}{"metric":${formatLabels(labels)},"value":[${time},"${formatFloat(value)}"]}`,
    );
    before = ",";
  }
  out.add(samples.length === 0 ? "[]" : "]");
}

function writeMatrix(out: JsonBytes, series: readonly MatrixSeries[]): void {
  // Most series of a reply share their times: format them once.
  let shared: Float64Array | undefined;
  let heads: readonly string[] = [];
  let before = "[";
  for (const { labels, times, values } of series) {
    if (times !== shared) {
      shared = times;
      heads = Array.from(times, (time, i) => `${i === 0 ? "" : ","}[${formatTime(time)},"`);
    }
    out.add(`${before}{"metric":${formatLabels(labels)},"values":[`);
    for (let i = 0; i < values.length; i++) out.add(`${heads[i]!}${formatFloat(values[i]!)}"]`);
    out.add("]}");
    before = ",";
  }
  out.add(series.length === 0 ? "[]" : "]");
}

export function formatLabels(labels: Labels): string {
  let json = "";
  for (const [name, value] of labels) {
    json += `${json === "" ? "{" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return json === "" ? "{}" : `${json}}`;
}

/** Formats a time in seconds since 1970, with three decimals if it has milliseconds: `1435781451.078`. */
export function formatTime(timeMs: number): string {
  const size = Math.abs(timeMs);
  const milliseconds = size % 1_000;
  const sign = timeMs < 0 ? "-" : "";
  const seconds = `${sign}${(size - milliseconds) / 1_000}`;
  return milliseconds === 0 ? seconds : `${seconds}.${String(milliseconds).padStart(3, "0")}`;
}
