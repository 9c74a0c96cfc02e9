import { toMessage } from "../../src/kernel/errors.ts";
import type { QueryResult } from "../../src/promql/promql.ts";
import { printSeries } from "../../src/promql/syntax/print.ts";
import { toLabelsKey } from "../../src/series/labels.ts";
import type { Answer, AnswerSeries } from "./backfilled-prometheus.ts";

/** Converts our result to Prometheus's form. */
export function toAnswer(ask: () => QueryResult): Answer {
  try {
    const { value } = ask();
    return { error: undefined, type: value.type, series: toSeries(value), evaluationMs: 0 };
  } catch (error) {
    if (!(error instanceof Error && error.name === "TepalError")) throw error;
    return { error: toMessage(error), type: "", series: [], evaluationMs: 0 };
  }
}

function toSeries(value: QueryResult["value"]): AnswerSeries[] {
  switch (value.type) {
    case "scalar":
      return [{ labels: new Map(), points: [[value.timeMs, value.value]] }];
    case "string":
      return [];
    case "vector":
      return value.samples.map((sample) => ({
        labels: sample.labels,
        points: [[value.timeMs, sample.value]],
      }));
    case "matrix":
      return value.series.map(({ labels, times, values }) => ({
        labels,
        points: Array.from(times, (time, i) => [time, values[i]!] as const),
      }));
  }
}

/** Returns the first difference between two results, or undefined. */
export function findDifference(ours: Answer, theirs: Answer): string | undefined {
  if ((ours.error === undefined) !== (theirs.error === undefined)) {
    return `ours ${ours.error ?? "succeeds"}, theirs ${theirs.error ?? "succeeds"}`;
  }
  if (ours.type !== theirs.type) return `ours is a ${ours.type}, theirs a ${theirs.type}`;
  const left = new Map(ours.series.map((one) => [toLabelsKey(one.labels), one]));
  for (const { labels, points } of theirs.series) {
    const key = toLabelsKey(labels);
    const name = printSeries(labels);
    const mine = left.get(key);
    if (mine === undefined) return `ours lacks ${name}`;
    left.delete(key);
    if (mine.points.length !== points.length) {
      return `${name} has ${mine.points.length} points here, ${points.length} there`;
    }
    for (const [i, [time, value]] of points.entries()) {
      const [myTime, myValue] = mine.points[i]!;
      if (myTime !== time) return `${name} has a point at ${myTime} here, at ${time} there`;
      if (!isClose(myValue, value)) return `${name} at ${time}: ours ${myValue}, theirs ${value}`;
    }
  }
  const [extra] = left.values();
  return extra === undefined ? undefined : `ours has ${printSeries(extra.labels)}`;
}

const TOLERANCE = 1e-7;

/** Equal except for rounding: relative, and absolute near zero. */
function isClose(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  const difference = Math.abs(a - b);
  return difference < TOLERANCE || difference / Math.max(Math.abs(a), Math.abs(b)) < TOLERANCE;
}
