import { toNumber } from "../../grafana/frames.ts";
import { asNumber, asObject, type Json } from "../../grafana/json.ts";
import type { ShownFrame } from "../../grafana/resolve-fields.ts";
import type { Sample } from "../../grafana/reducers.ts";
import { listTicks } from "../ticks.ts";

/** Counts by bucket and time. */
export interface Cells {
  /** Milliseconds. */
  readonly times: readonly number[];
  /** Upper bounds, rising; the last may be +Inf. */
  readonly bounds: readonly number[];
  /** The lower bound of the first bucket. */
  readonly base: number;
  /** The count of each bucket at each time; null without a sample. */
  readonly counts: readonly (readonly Sample[])[];
  readonly max: number;
}

/** Orders the buckets of a histogram by their bounds, and adds up those of several histograms. */
export function toCells(frames: readonly ShownFrame[]): Cells {
  const byBound = new Map<number, Sample[]>();
  let times: readonly number[] = [];
  for (const { fields } of frames) {
    const [time, value] = fields;
    if (time === undefined || value === undefined) continue;
    const bound = toNumber(value.labels["le"] ?? value.title);
    if (Number.isNaN(bound)) continue;
    times = time.values as readonly number[];
    const sum = byBound.get(bound);
    const samples = value.values as readonly Sample[];
    byBound.set(
      bound,
      sum === undefined ? [...samples] : sum.map((each, at) => add(each, samples[at] ?? null)),
    );
  }
  const bounds = [...byBound.keys()].toSorted((a, b) => a - b);
  let max = 0;
  const counts = bounds.map((bound) =>
    byBound.get(bound)!.map((value) => {
      if (value === null || !Number.isFinite(value)) return null;
      max = Math.max(max, value);
      return value;
    }),
  );
  return { times, base: 0, bounds, counts, max };
}

function add(a: Sample, b: Sample): Sample {
  if (a === null) return b;
  return b === null ? a : a + b;
}

/** Buckets of values without a stated number of them. */
const VALUE_BUCKETS = 20;

/** Counts the values of all series at each time in buckets of one size. */
export function calculateCells(frames: readonly ShownFrame[], options: Json): Cells {
  const series = frames.flatMap(({ fields }) => {
    const time = fields.find(({ type }) => type === "time");
    return fields
      .filter(({ type }) => type === "number")
      .map(({ values }) => ({ times: (time?.values ?? []) as readonly number[], values }));
  });
  const times = [...new Set(series.flatMap((each) => each.times))].toSorted((a, b) => a - b);
  const all = series.flatMap(({ values }) => values).filter(isFiniteNumber);
  if (all.length === 0) return { times, base: 0, bounds: [], counts: [], max: 0 };
  const [low, high] = all.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const { mode, value } = asObject(asObject(options["calculation"])["yBuckets"]);
  const given = asNumber(value);
  const count = mode === "count" && given !== undefined ? given : VALUE_BUCKETS;
  const [first = 0, second = 1] = listTicks(low, high, count);
  const size = mode === "size" && given !== undefined && given > 0 ? given : second - first;
  const from = Math.floor(low / size);
  const bounds = Array.from(
    { length: Math.min(Math.floor(high / size) - from + 1, 1_000) },
    (_each, index) => Number(((from + index + 1) * size).toPrecision(12)),
  );
  const position = new Map(times.map((time, index) => [time, index]));
  const counts = bounds.map(() => times.map((): number | null => null));
  let max = 0;
  for (const { times: own, values } of series) {
    values.forEach((each, at) => {
      if (!isFiniteNumber(each)) return;
      const column = counts[Math.min(Math.floor(each / size) - from, bounds.length - 1)]!;
      const index = position.get(own[at]!)!;
      column[index] = (column[index] ?? 0) + 1;
      max = Math.max(max, column[index]);
    });
  }
  return { times, base: from * size, bounds, counts, max };
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
