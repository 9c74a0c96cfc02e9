import { toLabelsKey } from "../labels.ts";
import { matchesAll } from "../matcher.ts";
import type { Labels, Matcher } from "../series.ts";

/** One observation of a series that is named by its labels, for example by the id of a request. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
}

/** The exemplars of one series, in the order of their times. */
export interface SeriesExemplars {
  readonly series: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** The newest exemplars of all series, in memory. */
export interface ExemplarStore {
  /** Adds an exemplar. One that is not later than the last one of its series is ignored. */
  add(series: Labels, exemplar: Exemplar): void;
  /** Returns the exemplars within [fromMs, toMs] of the series that satisfy one of the selectors. */
  find(
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
  ): readonly SeriesExemplars[];
}

interface Entry {
  readonly key: string;
  readonly series: Labels;
  readonly exemplars: Exemplar[];
}

/** @param limit maximum number of exemplars of all series; the ones that were added first are dropped */
export function createExemplarStore(limit: number): ExemplarStore {
  const entries = new Map<string, Entry>();
  /** The series of each exemplar, in the order of adding. */
  const added: Entry[] = [];
  let dropped = 0;

  function dropFirst(): void {
    const entry = added[dropped]!;
    dropped += 1;
    entry.exemplars.shift();
    if (entry.exemplars.length === 0) entries.delete(entry.key);
    if (dropped < limit) return;
    added.splice(0, dropped);
    dropped = 0;
  }

  return {
    add(series, exemplar) {
      const key = toLabelsKey(series);
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = { key, series, exemplars: [] };
        entries.set(key, entry);
      }
      const last = entry.exemplars.at(-1);
      if (last !== undefined && exemplar.timeMs <= last.timeMs) return;
      entry.exemplars.push(exemplar);
      added.push(entry);
      if (added.length - dropped > limit) dropFirst();
    },
    find(selectors, fromMs, toMs) {
      return entries
        .values()
        .filter(({ series }) => selectors.some((matchers) => matchesAll(matchers, series)))
        .map(({ series, exemplars }) => ({
          series,
          exemplars: exemplars.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs),
        }))
        .filter(({ exemplars }) => exemplars.length > 0)
        .toArray();
    },
  };
}
