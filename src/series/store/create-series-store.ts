import { createStoreFollower } from "./follow-store.ts";
import { GroupSet } from "./group-set.ts";
import type { Journal, RestorableStore, SealedBlock } from "./restorable-store.ts";
import { selectSamples } from "./select-samples.ts";
import { createLayout, type SeriesEntry } from "./series-entry.ts";
import type { SeriesGroup } from "./series-group.ts";
import type { SeriesKind, SeriesLimits } from "./series-limits.ts";
import type { Labels } from "../series.ts";
import type { AppendResult } from "./series-store.ts";

/** New series above a limit are not stored. @default all series are of one kind */
export interface StoreOptions
  extends Pick<SeriesLimits, "maxSeries">, Partial<Omit<SeriesLimits, "maxSeries">> {
  readonly retentionMs: number;
  /** Number of samples per series after which a head is sealed; default 120. */
  readonly samplesPerBlock?: number;
  /** Maximum size of decoded samples, in bytes; default 32 MiB. */
  readonly cacheBytes?: number;
}

/** As many samples per chunk as in Prometheus. */
const SAMPLES_PER_BLOCK = 120;
const CACHE_BYTES = 32 * 2 ** 20;
const LATE: AppendResult = {
  stored: 0,
  duplicates: 0,
  aboveCap: 0,
  aboveDriftCap: 0,
  isLate: true,
};

/** Creates a store in memory (docs/history.md). */
export function createSeriesStore(options: StoreOptions): RestorableStore {
  const { retentionMs } = options;
  const { samplesPerBlock = SAMPLES_PER_BLOCK, cacheBytes = CACHE_BYTES } = options;
  const groups = new GroupSet(samplesPerBlock, cacheBytes, {
    maxDriftSeries: Number.POSITIVE_INFINITY,
    kindOf: () => "essential",
    ...options,
  });
  const counts = {
    samplesAppended: 0,
    samplesAboveCap: 0,
    samplesAboveDriftCap: 0,
    samplesDuplicate: 0,
    samplesLate: 0,
    samplesAhead: 0,
  };
  let journal: Journal | undefined;

  function seal(group: SeriesGroup): void {
    const block = group.seal();
    if (block === undefined || journal === undefined) return;
    const { end } = group.times;
    journal.sealed(group.name, {
      times: group.times.view(end - block.count, end),
      labels: block.layout.entries.map((entry) => entry.labels),
      offsets: block.offsets,
      bytes: block.bytes,
    });
  }

  /** Returns the kind of a new series that is above its limit. */
  function findOrCreate(group: SeriesGroup, labels: Labels): SeriesEntry | SeriesKind {
    const entry = group.series.find(labels);
    if (entry !== undefined) return entry;
    const kind = groups.counts.kindOf(labels);
    return groups.counts.admits(kind) ? groups.createEntry(group, labels, kind) : kind;
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
      let aboveDriftCap = 0;
      const { head } = group;
      for (const { labels, value } of samples) {
        const entry = findOrCreate(group, labels);
        if (typeof entry === "string") {
          if (entry === "drift") aboveDriftCap += 1;
          else aboveCap += 1;
          continue;
        }
        if (!head.set(head.rowOf(entry) ?? head.add(entry), value)) duplicates += 1;
        if (entry.firstMs > timeMs) entry.firstMs = timeMs;
        entry.lastMs = timeMs;
      }
      const stored = samples.length - duplicates - aboveCap - aboveDriftCap;
      counts.samplesAppended += stored;
      counts.samplesDuplicate += duplicates;
      counts.samplesAboveCap += aboveCap;
      counts.samplesAboveDriftCap += aboveDriftCap;
      journal?.appended(name, head);
      if (group.isFull) {
        seal(group);
        groups.expire(timeMs - retentionMs);
      }
      return { stored, duplicates, aboveCap, aboveDriftCap, isLate: false };
    },

    newestMs() {
      let newestMs = Number.NEGATIVE_INFINITY;
      for (const { times } of groups) newestMs = Math.max(newestMs, times.lastMs);
      return newestMs;
    },

    setAside(afterMs) {
      let total = 0;
      for (const group of groups) {
        const { samples, dropped } = truncate(group, afterMs);
        if (dropped === 0) continue;
        total += dropped;
        counts.samplesAhead += samples;
        journal?.setAside(group.name, afterMs, group.head);
      }
      return total;
    },

    restoreSetAside: (name, afterMs) => groups.open(name).dropBlocks(afterMs),

    select: (matchers, fromMs, toMs, maxSamples) =>
      selectSamples(groups, matchers, fromMs, toMs, maxSamples),

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
    follow: () => createStoreFollower(groups, samplesPerBlock),
    restore: (name, block) => restore(groups, name, block),
    expire: (nowMs) => groups.expire(nowMs - retentionMs),

    sealAll() {
      for (const group of groups) seal(group);
    },

    setJournal(to) {
      journal = to;
    },
  };
}

/** @returns the number of dropped times, and of samples of their last series */
function truncate(
  group: SeriesGroup,
  afterMs: number,
): { readonly dropped: number; readonly samples: number } {
  const series = group.head.entries.length;
  const dropped = group.truncate(afterMs);
  return { dropped, samples: dropped * series };
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
  { times, labels, offsets, bytes }: SealedBlock,
): boolean {
  const group = groups.open(name);
  const [firstMs] = times;
  const lastMs = times.at(-1);
  if (firstMs === undefined || lastMs === undefined || firstMs <= group.times.lastMs) return false;
  const entries = labels.map((one) => {
    const entry = group.series.find(one) ?? groups.createEntry(group, one);
    entry.firstMs = Math.min(entry.firstMs, firstMs);
    // Possibly later than its last sample: the series is then dropped later than necessary.
    entry.lastMs = Math.max(entry.lastMs, lastMs);
    return entry;
  });
  group.restore(times, { count: times.length, layout: createLayout(entries), offsets, bytes });
  return true;
}
