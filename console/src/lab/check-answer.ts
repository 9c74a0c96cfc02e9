import { TepalError } from "../../../src/kernel/errors.ts";
import { createEngine } from "../../../src/promql/engine.ts";
import type { MatrixSeries, TimeRange } from "../../../src/promql/promql.ts";
import { printSeries } from "../../../src/promql/syntax/print.ts";
import { toLabelsKey, withoutName } from "../../../src/series/labels.ts";
import { METRIC_NAME, type Labels, type SeriesReader } from "../../../src/series/series.ts";
import { formatTime } from "../lib/format.ts";
import { LIMITS } from "./open-recording.ts";

/** The difference between the results of two queries, the first that matters. */
export type Verdict =
  | { readonly kind: "correct" }
  | {
      readonly kind: "error" | "empty" | "labels" | "series" | "times" | "values";
      readonly message: string;
    };

/** Two ways to calculate the same number may differ in its last digits. */
const RELATIVE_ERROR = 1e-9;

interface Column {
  readonly labels: Labels;
  readonly values: ReadonlyMap<number, number>;
}

/** By the key of the labels without the metric name. */
type Result = ReadonlyMap<string, Column>;

/** Compares the result of an answer with that of the expected query, at every step of a range. Names of metrics do not count. */
export function checkAnswer(
  reader: SeriesReader,
  range: TimeRange,
  answer: string,
  expected: string,
): Verdict {
  const target = evaluate(reader, range, expected);
  let result: Result;
  try {
    result = evaluate(reader, range, answer);
  } catch (error) {
    if (!(error instanceof TepalError)) throw error;
    return { kind: "error", message: error.message };
  }
  if (result.size === 0) {
    const message = "The result is empty. Check the name of the metric, and the values of labels.";
    return { kind: "empty", message };
  }
  return (
    compareNames(result, target) ??
    compareSeries(result, target) ??
    compareTimes(result, target) ??
    compareValues(result, target) ?? { kind: "correct" }
  );
}

function evaluate(reader: SeriesReader, range: TimeRange, query: string): Result {
  const { value } = createEngine({ limits: LIMITS }).queryRange(reader, query, range);
  // A range query returns nothing else.
  const series = value.type === "matrix" ? value.series : [];
  return new Map(series.map((one) => [toLabelsKey(withoutName(one.labels)), toColumn(one)]));
}

function toColumn({ labels, times, values }: MatrixSeries): Column {
  const points = Array.from(times, (time, index): [number, number] => [time, values[index]!]);
  return { labels: withoutName(labels), values: new Map(points) };
}

function compareNames(result: Result, target: Result): Verdict | undefined {
  const [given, wanted] = [listNames(result), listNames(target)];
  if (given.join() === wanted.join()) return undefined;
  const message = `Expected ${describeNames(wanted)}, got ${describeNames(given)}.`;
  return { kind: "labels", message };
}

/** Lists the names of all labels, sorted. */
function listNames(result: Result): readonly string[] {
  const names = [...result.values()].flatMap(({ labels }) => [...labels.keys()]);
  return [...new Set(names)].filter((name) => name !== METRIC_NAME).toSorted();
}

function describeNames(names: readonly string[]): string {
  if (names.length === 0) return "one series without labels";
  return `the label${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
}

function compareSeries(result: Result, target: Result): Verdict | undefined {
  const missing = findOther(target, result);
  const surplus = findOther(result, target);
  if (missing === undefined && surplus === undefined) return undefined;
  const detail =
    missing === undefined
      ? `${printSeries(surplus!.labels)} should not be there.`
      : `${printSeries(missing.labels)} is missing.`;
  return {
    kind: "series",
    message: `Expected ${target.size} series, got ${result.size}. ${detail}`,
  };
}

/** Returns a series of the first result that the second does not have. */
function findOther(first: Result, second: Result): Column | undefined {
  return [...first].find(([key]) => !second.has(key))?.[1];
}

function compareTimes(result: Result, target: Result): Verdict | undefined {
  for (const [key, { labels, values }] of target) {
    const given = result.get(key)?.values;
    for (const time of values.keys()) {
      if (given?.has(time) !== true) {
        return toTimeVerdict(labels, time, "Expected a value", "none");
      }
    }
    for (const time of given?.keys() ?? []) {
      if (!values.has(time)) return toTimeVerdict(labels, time, "Expected no value", "one");
    }
  }
  return undefined;
}

function toTimeVerdict(labels: Labels, time: number, expected: string, got: string): Verdict {
  const where = `${printSeries(labels)} at ${formatTime(time)}`;
  return { kind: "times", message: `The series are right. ${expected} of ${where}, got ${got}.` };
}

function compareValues(result: Result, target: Result): Verdict | undefined {
  const pairs = [...target].flatMap(([key, { labels, values }]) =>
    Array.from(values, ([time, wanted]) => ({
      labels,
      time,
      wanted,
      given: result.get(key)!.values.get(time)!,
    })),
  );
  const wrong = pairs.find(({ given, wanted }) => !isClose(given, wanted));
  if (wrong === undefined) return undefined;
  const { labels, time, given, wanted } = wrong;
  const factor = given / wanted;
  const isFactor = pairs.every((pair) => isClose(pair.given, pair.wanted * factor));
  const detail = isFactor
    ? `All are ${toText(factor)} times as large as expected.`
    : `${printSeries(labels)} at ${formatTime(time)}: Expected ${toText(wanted)}, got ${toText(given)}.`;
  return { kind: "values", message: `The series are right, their values are not. ${detail}` };
}

function isClose(first: number, second: number): boolean {
  if (Number.isNaN(first) || Number.isNaN(second)) return Object.is(first, second);
  const limit = RELATIVE_ERROR * Math.max(Math.abs(first), Math.abs(second));
  return first === second || Math.abs(first - second) <= limit;
}

function toText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
