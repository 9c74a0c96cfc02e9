import { ColumnCache } from "./columns.ts";
import { createLayout, type SeriesEntry } from "./entry.ts";
import { LabelIndex } from "./label-index.ts";
import { mergeSamples } from "./merge-samples.ts";
import { SeriesGroup } from "./series-group.ts";
import type { Labels, SeriesSamples } from "../series.ts";
import type { AppendResult, Journal, SeriesStore } from "./series-store.ts";

export interface StoreOptions {
  readonly retentionMs: number;
  /** Maximum number of series in all groups. New series above it are not stored. */
  readonly maxSeries: number;
  /** Number of samples after which a window is sealed; default 120. */
  readonly window?: number;
  /** Maximum size of decoded samples, in bytes; default 32 MiB. */
  readonly cacheBytes?: number;
}

/** A window that was sealed by another store. */
export interface SealedWindow {
  readonly times: Float64Array;
  /** In the order of the chunks. */
  readonly labels: readonly Labels[];
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** A store that can be restored from persisted windows. */
export interface RestorableStore extends SeriesStore {
  /**
   * Adds a sealed window to a group without appended samples.
   * @returns false if the window does not start after all windows of the group; it is not added then
   */
  restore(group: string, window: SealedWindow): boolean;
  /**
   * Drops sealed windows whose last sample is older than the retention. `append` does so whenever it seals a window.
   */
  expire(nowMs: number): void;
  /** Seals all open windows. */
  sealAll(): void;
  /** Subscribes to all changes. */
  setJournal(journal: Journal): void;
}

/** As many samples per chunk as in Prometheus. */
const WINDOW = 120;
const CACHE_BYTES = 32 * 2 ** 20;
const LATE: AppendResult = { stored: 0, duplicates: 0, aboveCap: 0, isLate: true };

/** Creates a store in memory (docs/history.md). */
export function createSeriesStore(options: StoreOptions): RestorableStore {
  const { retentionMs, maxSeries, window = WINDOW, cacheBytes = CACHE_BYTES } = options;
  const cache = new ColumnCache(cacheBytes);
  const groups = new Map<string, SeriesGroup>();
  const index = new LabelIndex();
  /** Keys of label sets that more than one group has. */
  const twins = new Set<string>();
  let journal: Journal | undefined;
  let samplesAppended = 0;
  let samplesAboveCap = 0;
  let samplesDuplicate = 0;
  let samplesLate = 0;

  function openGroup(name: string): SeriesGroup {
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = new SeriesGroup(name, window, cache)));
    return group;
  }

  function countGroups(key: string): number {
    let count = 0;
    for (const group of groups.values()) if (group.hasKey(key)) count += 1;
    return count;
  }

  function createEntry(group: SeriesGroup, labels: Labels): SeriesEntry {
    const entry = group.createEntry(labels);
    if (countGroups(entry.key) > 1) twins.add(entry.key);
    index.add(entry);
    return entry;
  }

  function seal(group: SeriesGroup): void {
    const block = group.seal();
    if (block === undefined) return;
    const { end } = group.times;
    journal?.sealed(group.name, group.times.view(end - block.count, end), block);
  }

  function expire(nowMs: number): void {
    for (const group of groups.values()) {
      if (!group.expire(nowMs - retentionMs)) continue;
      const gone = group.removeEntries(group.firstMs);
      index.remove(new Set(gone));
      for (const { key } of gone) {
        if (twins.has(key) && countGroups(key) < 2) twins.delete(key);
      }
      if (group.isEmpty) groups.delete(group.name);
    }
  }

  function* findBetween(
    matchers: Parameters<LabelIndex["find"]>[0],
    fromMs: number,
    toMs: number,
  ): Iterable<SeriesEntry> {
    for (const entry of index.find(matchers)) {
      if (entry.firstMs <= toMs && entry.lastMs >= fromMs) yield entry;
    }
  }

  return {
    append(name, timeMs, samples) {
      const group = openGroup(name);
      if (!(timeMs > group.times.lastMs)) {
        samplesLate += samples.length;
        return LATE;
      }
      group.begin(timeMs);
      let duplicates = 0;
      let aboveCap = 0;
      const { head } = group;
      for (const { labels, value } of samples) {
        let entry = group.findEntry(labels);
        if (entry === undefined) {
          if (index.size >= maxSeries) {
            aboveCap += 1;
            continue;
          }
          entry = createEntry(group, labels);
        }
        if (!head.set(head.rowOf(entry) ?? head.add(entry), value)) duplicates += 1;
        if (entry.firstMs > timeMs) entry.firstMs = timeMs;
        entry.lastMs = timeMs;
      }
      const stored = samples.length - duplicates - aboveCap;
      samplesAppended += stored;
      samplesDuplicate += duplicates;
      samplesAboveCap += aboveCap;
      journal?.appended(name, head);
      if (group.isFull) {
        seal(group);
        expire(timeMs);
      }
      return { stored, duplicates, aboveCap, isLate: false };
    },

    select(matchers, fromMs, toMs) {
      const ranges = new Map<SeriesGroup, { from: number; to: number; times: Float64Array }>();
      const selected: SeriesSamples[] = [];
      const merged = new Map<string, number>();
      for (const entry of findBetween(matchers, fromMs, toMs)) {
        const { group, labels, key } = entry;
        let range = ranges.get(group);
        if (range === undefined) {
          const from = group.times.find(fromMs);
          const to = group.times.findBehind(toMs);
          ranges.set(group, (range = { from, to, times: group.times.view(from, to) }));
        }
        if (range.from === range.to) continue;
        const samples = {
          labels,
          times: range.times,
          ...group.read(entry, range.from, range.to),
        };
        const at = twins.has(key) ? merged.get(key) : undefined;
        if (at !== undefined) {
          selected[at] = mergeSamples(selected[at]!, samples);
          continue;
        }
        merged.set(key, selected.length);
        selected.push(samples);
      }
      return selected;
    },

    find(selectors, fromMs, toMs) {
      const found = new Map<string, Labels>();
      for (const matchers of selectors.length === 0 ? [[]] : selectors) {
        for (const { key, labels } of findBetween(matchers, fromMs, toMs)) found.set(key, labels);
      }
      return [...found.values()];
    },

    labelNames: () => index.names(),
    labelValues: (name) => index.values(name),

    statistics() {
      let sampleBytes = 0;
      let oldestMs = Number.POSITIVE_INFINITY;
      let newestMs = Number.NEGATIVE_INFINITY;
      for (const group of groups.values()) {
        sampleBytes += group.bytes;
        oldestMs = Math.min(oldestMs, group.firstMs);
        newestMs = Math.max(newestMs, group.times.lastMs);
      }
      return {
        series: index.size,
        groups: groups.size,
        sampleBytes,
        cacheBytes: cache.bytes,
        samplesAppended,
        samplesAboveCap,
        samplesDuplicate,
        samplesLate,
        oldestMs,
        newestMs,
      };
    },

    restore(name, { times, labels, offsets, bytes }) {
      const group = openGroup(name);
      const [firstMs] = times;
      const lastMs = times.at(-1);
      if (firstMs === undefined || lastMs === undefined || firstMs <= group.times.lastMs) {
        return false;
      }
      const entries = labels.map((one) => {
        const entry = group.findEntry(one) ?? createEntry(group, one);
        entry.firstMs = Math.min(entry.firstMs, firstMs);
        // Possibly later than its last sample: the series is then dropped later than necessary.
        entry.lastMs = Math.max(entry.lastMs, lastMs);
        return entry;
      });
      group.restore(times, { count: times.length, layout: createLayout(entries), offsets, bytes });
      return true;
    },

    expire,

    sealAll() {
      for (const group of groups.values()) seal(group);
    },

    setJournal(to) {
      journal = to;
    },
  };
}
