import { createLabels } from "../../src/series/labels.ts";
import type { SeriesReader } from "../../src/series/series.ts";
import type { Sample, SeriesStore } from "../../src/series/store/series-store.ts";

/** The value of a series at a time, so that any reader can verify a sample. */
export function toValue(series: number, timeMs: number): number {
  return series === 0 ? timeMs : Math.sin(timeMs * (series + 1)) * 1e6;
}

const SERIES = 4;
const labels = Array.from({ length: SERIES }, (_, i) =>
  createLabels({ __name__: "m", series: String(i) }),
);

/** Series come and go: series i has a sample unless the time is in its pause. */
export function isThere(series: number, timeMs: number): boolean {
  return series === 0 || Math.floor(timeMs / 1_000) % (series + 3) !== 0;
}

/** Appends one scrape of a group with self-verifying samples. */
export function appendSample(store: SeriesStore, group: string, timeMs: number): void {
  const samples: Sample[] = [];
  for (let i = 0; i < SERIES; i++) {
    if (!isThere(i, timeMs)) continue;
    samples.push({ labels: toGroupLabels(group)[i]!, value: toValue(i, timeMs) });
  }
  store.append(group, timeMs, samples);
}

const byGroup = new Map<string, typeof labels>();

function toGroupLabels(group: string): typeof labels {
  let found = byGroup.get(group);
  if (found === undefined) {
    found = labels.map((one) => createLabels([...one, ["group", group]]));
    byGroup.set(group, found);
  }
  return found;
}

/**
 * Reads a store filled by `appendSample`: by group, the times with all samples. @throws Error for any other content
 */
export function readTimes(store: SeriesReader): Map<string, number[]> {
  const counts = new Map<string, Map<number, number>>();
  for (const { labels: found, times, values, stale } of store.select([], -Infinity, Infinity)) {
    const group = found.get("group")!;
    const series = Number(found.get("series"));
    const seen = counts.get(group) ?? new Map<number, number>();
    counts.set(group, seen);
    for (const [i, time] of times.entries()) {
      if (stale?.[i] === 1) continue;
      if (!isThere(series, time) || !Object.is(values[i], toValue(series, time))) {
        throw new Error(`series ${series} has ${values[i]} at ${time}`);
      }
      seen.set(time, (seen.get(time) ?? 0) + 1);
    }
  }
  return new Map(
    [...counts].map(([group, seen]) => [
      group,
      [...seen]
        .filter(([time, count]) => count === countThere(time))
        .map(([time]) => time)
        .toSorted((a, b) => a - b),
    ]),
  );
}

function countThere(timeMs: number): number {
  return Array.from({ length: SERIES }, (_, i) => isThere(i, timeMs)).filter(Boolean).length;
}
