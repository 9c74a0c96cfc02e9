import { printSeries } from "../../src/promql/syntax/print.ts";
import type { MatrixSeries, QueryResult, VectorSample } from "../../src/promql/promql.ts";
import { toLabelsKey } from "../../src/series/labels.ts";
import type { CaseRange, EvaluationCase, NoteExpectation, SeriesLine } from "./case-file.ts";

const TOLERANCE = 1e-6;

/** Returns the problem of a result, or undefined. */
export function compareResult(one: EvaluationCase, result: QueryResult): string | undefined {
  for (const note of one.expected.notes) {
    const wrong = compareNote(note, result);
    if (wrong !== undefined) return wrong;
  }
  return compareValue(one, result);
}

function compareNote(note: NoteExpectation, result: QueryResult): string | undefined {
  const said = result[note.of];
  if (!note.some)
    return said.length === 0 ? undefined : `unexpected ${note.of}: ${said.join("; ")}`;
  const { text: wanted } = note;
  const found = said.some((text) => {
    if (wanted === undefined) return true;
    return wanted.kind === "regex" ? new RegExp(wanted.text).test(text) : wanted.text === text;
  });
  return found
    ? undefined
    : `${note.of} ${JSON.stringify(said)}, expected ${wanted?.text ?? "some"}`;
}

function compareValue(
  { at, expected }: EvaluationCase,
  { value }: QueryResult,
): string | undefined {
  if (expected.string !== undefined) {
    if (value.type === "string" && value.value === expected.string) return undefined;
    return `expected the string ${expected.string}, got ${JSON.stringify(value)}`;
  }
  switch (value.type) {
    case "string":
      return `unexpected string ${value.value}`;
    case "scalar":
      return compareNumber("the scalar", value.value, expected.scalar);
    case "vector":
      if (expected.scalar !== undefined) {
        // A scalar of a range query.
        return compareNumber("the scalar", value.samples[0]?.value, expected.scalar);
      }
      return compareVector(value.samples, expected.series, expected.ordered);
    case "matrix": {
      const range = "timeMs" in at ? expected.window : at;
      if (range === undefined) return "an unexpected matrix";
      return compareMatrix(value.series, expected.series, range);
    }
  }
}

function compareVector(
  samples: readonly VectorSample[],
  expected: readonly SeriesLine[],
  ordered: boolean,
): string | undefined {
  const places = new Map(samples.map(({ labels }, i) => [toLabelsKey(labels), i]));
  if (places.size < samples.length) return "two series with the same labels";
  for (const [place, { labels, values }] of expected.entries()) {
    const index = places.get(toLabelsKey(labels));
    const series = printSeries(labels);
    if (index === undefined) return `${series} is missing`;
    if (ordered && index !== place) return `${series} is at position ${index}, not ${place}`;
    const wrong = compareNumber(series, samples[index]?.value, values[0]);
    if (wrong !== undefined) return wrong;
    places.delete(toLabelsKey(labels));
  }
  const [extra] = places.values();
  return extra === undefined ? undefined : `unexpected ${printSeries(samples[extra]!.labels)}`;
}

function compareMatrix(
  series: readonly MatrixSeries[],
  expected: readonly SeriesLine[],
  { startMs, stepMs }: CaseRange,
): string | undefined {
  const found = new Map(series.map((one) => [toLabelsKey(one.labels), one]));
  for (const { labels, values } of expected) {
    const name = printSeries(labels);
    const one = found.get(toLabelsKey(labels));
    if (one === undefined) return `${name} is missing`;
    found.delete(toLabelsKey(labels));
    const points = new Map<number, number>();
    for (const [i, time] of one.times.entries()) points.set(time, one.values[i]!);
    for (const [i, value] of values.entries()) {
      const time = startMs + i * stepMs;
      if (value !== null) {
        const wrong = compareNumber(`${name} at ${time} ms`, points.get(time), value);
        if (wrong !== undefined) return wrong;
        points.delete(time);
      }
    }
    if (points.size > 0) return `${name} has unexpected points: ${JSON.stringify([...points])}`;
  }
  const [extra] = found.values();
  return extra === undefined ? undefined : `unexpected ${printSeries(extra.labels)}`;
}

function compareNumber(
  what: string,
  got: number | undefined,
  expected: number | string | null | undefined,
): string | undefined {
  if (got !== undefined && typeof expected === "number" && isAlmost(got, expected))
    return undefined;
  return `${what} is ${got ?? "missing"}, expected ${expected ?? "nothing"}`;
}

/** Equal except for rounding; NaN equals NaN. */
export function isAlmost(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) / (Math.abs(a) + Math.abs(b)) < TOLERANCE;
}
