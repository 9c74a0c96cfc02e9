import { toNumber } from "../../grafana/frames.ts";
import type { ShownFrame } from "../../grafana/resolve-fields.ts";
import type { Sample } from "../../grafana/reducers.ts";

/** Counts by bucket and time. */
export interface Cells {
  /** Milliseconds. */
  readonly times: readonly number[];
  /** Upper bounds, rising; the last may be +Inf. */
  readonly bounds: readonly number[];
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
  return { times, bounds, counts, max };
}

function add(a: Sample, b: Sample): Sample {
  if (a === null) return b;
  return b === null ? a : a + b;
}
