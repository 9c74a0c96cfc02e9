import type { SampleWriter } from "../../src/alerts/alerts.ts";
import { createLabels, toLabelsKey } from "../../src/series/labels.ts";
import { matchesAll } from "../../src/series/matcher.ts";
import type { Labels, SeriesReader } from "../../src/series/series.ts";

/** The samples of a series; arrays are larger than `length`. */
interface Row {
  readonly labels: Labels;
  times: Float64Array;
  values: Float64Array;
  stale: Uint8Array;
  length: number;
}

function append(row: Row, time: number, value: number, stale: boolean): void {
  if (row.length === row.times.length) {
    const twice = 2 * row.length;
    const grow = <A extends Float64Array | Uint8Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    row.times = grow(row.times, new Float64Array(twice));
    row.values = grow(row.values, new Float64Array(twice));
    row.stale = grow(row.stale, new Uint8Array(twice));
  }
  row.times[row.length] = time;
  row.values[row.length] = value;
  row.stale[row.length] = Number(stale);
  row.length += 1;
}

/** A store in plain arrays. */
export interface TestStore extends SeriesReader, SampleWriter {
  /** Returns the samples of a metric as `time in seconds: value`, by labels. A staleness marker is `stale`. */
  dump(metric: string): Readonly<Record<string, readonly string[]>>;
}

export function createTestStore(): TestStore {
  const rows = new Map<string, Row>();
  const sources = new Map<string, { lastMs: number; keys: Set<string> }>();
  const write = (labels: Labels, timeMs: number, value: number, stale: boolean): void => {
    const key = toLabelsKey(labels);
    let row = rows.get(key);
    if (row === undefined) {
      const [times, values] = [new Float64Array(16), new Float64Array(16)];
      row = { labels, times, values, stale: new Uint8Array(16), length: 0 };
      rows.set(key, row);
    }
    if (row.length === 0 || row.times[row.length - 1]! < timeMs) append(row, timeMs, value, stale);
  };
  return {
    append(name, timeMs, samples) {
      const source = sources.get(name) ?? { lastMs: -Infinity, keys: new Set<string>() };
      sources.set(name, source);
      if (timeMs <= source.lastMs) return;
      source.lastMs = timeMs;
      const ended = source.keys;
      source.keys = new Set(samples.map(({ labels }) => toLabelsKey(labels)));
      for (const { labels, value } of samples) write(labels, timeMs, value, false);
      for (const key of ended) {
        if (!source.keys.has(key)) write(rows.get(key)?.labels ?? new Map(), timeMs, 0, true);
      }
    },
    select(matchers, fromMs, toMs) {
      return [...rows.values()]
        .filter(({ labels, times, length }) => {
          const within = times[0]! <= toMs && times[length - 1]! >= fromMs;
          return within && matchesAll(matchers, labels);
        })
        .map(({ labels, times, values, stale, length }) => ({
          labels,
          times: times.subarray(0, length),
          values: values.subarray(0, length),
          stale: stale.subarray(0, length).includes(1) ? stale.subarray(0, length) : null,
        }));
    },
    dump(metric) {
      const found = [...rows.values()].filter(({ labels }) => labels.get("__name__") === metric);
      return Object.fromEntries(
        found.map(({ labels, times, values, stale, length }) => [
          [...labels]
            .filter(([name]) => name !== "__name__")
            .map((pair) => pair.join("="))
            .join(" "),
          Array.from(
            times.subarray(0, length),
            (time, i) => `${time / 1_000}: ${stale[i] === 1 ? "stale" : values[i]}`,
          ),
        ]),
      );
    },
  };
}

/** Loads series in promtool's notation, one value per step: `{'up{job="a"}': "1x4 0x20"}`. */
export function loadSeries(
  store: SampleWriter,
  series: Readonly<Record<string, string>>,
  stepMs: number,
): void {
  for (const [key, notation] of Object.entries(series)) {
    const labels = parseSeriesName(key);
    for (const [i, value] of expandValues(notation).entries()) {
      if (value === undefined) continue;
      store.append(key, i * stepMs, value === "stale" ? [] : [{ labels, value }]);
    }
  }
}

function parseSeriesName(key: string): Labels {
  const [, name = "", list = ""] = /^([^{]*)(?:\{(.*)\})?$/s.exec(key) ?? [];
  const pairs = [...list.matchAll(/(\w+)="([^"]*)"/g)].map(
    ([, label = "", value = ""]) => [label, value] as const,
  );
  return createLabels([["__name__", name], ...pairs]);
}

function expandValues(notation: string): readonly (number | "stale" | undefined)[] {
  return notation.split(/\s+/).flatMap((part): (number | "stale" | undefined)[] => {
    const blank = /^_(?:x(\d+))?$/.exec(part);
    if (blank !== null) return Array.from({ length: Number(blank[1] ?? 1) }, () => undefined);
    if (part === "stale") return ["stale"];
    const [, first, step = "0", times = "0"] =
      /^([-+]?[\d.e]+?)([-+][\d.]+)?(?:x(\d+))?$/.exec(part) ?? [];
    if (first === undefined) throw new Error(`not a value: ${part}`);
    return Array.from({ length: Number(times) + 1 }, (_, i) => Number(first) + Number(step) * i);
  });
}
