import type { SampleWriter } from "../../src/alerts/alerts.ts";
import { createLabels, toLabelsKey } from "../../src/series/labels.ts";
import { matchesAll } from "../../src/series/matcher.ts";
import type { Labels, SeriesReader } from "../../src/series/series.ts";

interface Row {
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
  readonly stale: number[];
}

/** A store in plain arrays that can be appended to. */
export interface TestStore extends SeriesReader, SampleWriter {
  /** The samples of a metric as `time in seconds: value`, by labels; the end of a series is `stale`. */
  dump(metric: string): Readonly<Record<string, readonly string[]>>;
}

export function createTestStore(): TestStore {
  const rows = new Map<string, Row>();
  return {
    append(timeMs, samples) {
      for (const { labels, value, stale } of samples) {
        const key = toLabelsKey(labels);
        const row = rows.get(key) ?? { labels, times: [], values: [], stale: [] };
        rows.set(key, row);
        if ((row.times.at(-1) ?? -Infinity) >= timeMs) continue;
        row.times.push(timeMs);
        row.values.push(value);
        row.stale.push(Number(stale));
      }
    },
    select(matchers, fromMs, toMs) {
      return [...rows.values()]
        .filter(({ labels, times }) => {
          const within = times[0]! <= toMs && times.at(-1)! >= fromMs;
          return within && matchesAll(matchers, labels);
        })
        .map(({ labels, times, values, stale }) => {
          const from = times.findIndex((time) => time >= fromMs);
          const all = { times: times.slice(from), values: values.slice(from), stale: stale.slice(from) };
          return {
            labels,
            times: Float64Array.from(all.times),
            values: Float64Array.from(all.values),
            stale: all.stale.includes(1) ? Uint8Array.from(all.stale) : null,
          };
        });
    },
    dump(metric) {
      const found = [...rows.values()].filter(({ labels }) => labels.get("__name__") === metric);
      return Object.fromEntries(
        found.map(({ labels, times, values, stale }) => [
          [...labels].filter(([name]) => name !== "__name__").map((pair) => pair.join("=")).join(" "),
          times.map((time, i) => `${time / 1_000}: ${stale[i] === 1 ? "stale" : values[i]}`),
        ]),
      );
    },
  };
}

/** Loads promtool's notation: `{'up{job="a"}': "1x4 0x20"}`, a value each step. */
export function loadSeries(
  store: SampleWriter,
  series: Readonly<Record<string, string>>,
  stepMs: number,
): void {
  for (const [key, notation] of Object.entries(series)) {
    const labels = parseSeriesName(key);
    for (const [i, value] of expandValues(notation).entries()) {
      if (value === undefined) continue;
      store.append(i * stepMs, [{ labels, value: value === "stale" ? 0 : value, stale: value === "stale" }]);
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
    const [, first, step = "0", times = "0"] = /^([-+]?[\d.e]+?)([-+][\d.]+)?(?:x(\d+))?$/.exec(part) ?? [];
    if (first === undefined) throw new Error(`not a value: ${part}`);
    return Array.from({ length: Number(times) + 1 }, (_, i) => Number(first) + Number(step) * i);
  });
}
