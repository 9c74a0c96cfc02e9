import { createLayout, type SeriesEntry } from "./entry.ts";
import { GroupSet } from "./group-set.ts";
import { selectSamples } from "./select-samples.ts";
import type { SeriesGroup } from "./series-group.ts";
import type { Labels } from "../series.ts";
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
  const groups = new GroupSet(window, cacheBytes);
  const counts = { samplesAppended: 0, samplesAboveCap: 0, samplesDuplicate: 0, samplesLate: 0 };
  let journal: Journal | undefined;

  function seal(group: SeriesGroup): void {
    const block = group.seal();
    if (block === undefined) return;
    const { end } = group.times;
    journal?.sealed(group.name, group.times.view(end - block.count, end), block);
  }

  /** Returns undefined for a new series above the cap. */
  function findOrCreate(group: SeriesGroup, labels: Labels): SeriesEntry | undefined {
    const entry = group.findEntry(labels);
    if (entry !== undefined) return entry;
    return groups.index.size >= maxSeries ? undefined : groups.createEntry(group, labels);
  }

  return {
    append(name, timeMs, samples) {
      const group = groups.open(name);
      if (!(timeMs > group.times.lastMs)) {
        counts.samplesLate += samples.length;
        return LATE;
      }
      group.begin(timeMs);
      let duplicates = 0;
      let aboveCap = 0;
      const { head } = group;
      for (const { labels, value } of samples) {
        const entry = findOrCreate(group, labels);
        if (entry === undefined) {
          aboveCap += 1;
          continue;
        }
        if (!head.set(head.rowOf(entry) ?? head.add(entry), value)) duplicates += 1;
        if (entry.firstMs > timeMs) entry.firstMs = timeMs;
        entry.lastMs = timeMs;
      }
      const stored = samples.length - duplicates - aboveCap;
      counts.samplesAppended += stored;
      counts.samplesDuplicate += duplicates;
      counts.samplesAboveCap += aboveCap;
      journal?.appended(name, head);
      if (group.isFull) {
        seal(group);
        groups.expire(timeMs - retentionMs);
      }
      return { stored, duplicates, aboveCap, isLate: false };
    },

    select: (matchers, fromMs, toMs) => selectSamples(groups, matchers, fromMs, toMs),

    find(selectors, fromMs, toMs) {
      const found = new Map<string, Labels>();
      for (const matchers of selectors.length === 0 ? [[]] : selectors) {
        for (const { key, labels } of groups.find(matchers, fromMs, toMs)) found.set(key, labels);
      }
      return [...found.values()];
    },

    labelNames: () => groups.index.names(),
    labelValues: (name) => groups.index.values(name),
    statistics: () => ({ ...measure(groups), ...counts }),
    restore: (name, sealed) => restore(groups, name, sealed),
    expire: (nowMs) => groups.expire(nowMs - retentionMs),

    sealAll() {
      for (const group of groups) seal(group);
    },

    setJournal(to) {
      journal = to;
    },
  };
}

function measure(groups: GroupSet) {
  let sampleBytes = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const group of groups) {
    sampleBytes += group.bytes;
    oldestMs = Math.min(oldestMs, group.firstMs);
    newestMs = Math.max(newestMs, group.times.lastMs);
  }
  const { index, size, cacheBytes } = groups;
  return { series: index.size, groups: size, sampleBytes, cacheBytes, oldestMs, newestMs };
}

function restore(
  groups: GroupSet,
  name: string,
  { times, labels, offsets, bytes }: SealedWindow,
): boolean {
  const group = groups.open(name);
  const [firstMs] = times;
  const lastMs = times.at(-1);
  if (firstMs === undefined || lastMs === undefined || firstMs <= group.times.lastMs) return false;
  const entries = labels.map((one) => {
    const entry = group.findEntry(one) ?? groups.createEntry(group, one);
    entry.firstMs = Math.min(entry.firstMs, firstMs);
    // Possibly later than its last sample: the series is then dropped later than necessary.
    entry.lastMs = Math.max(entry.lastMs, lastMs);
    return entry;
  });
  group.restore(times, { count: times.length, layout: createLayout(entries), offsets, bytes });
  return true;
}
