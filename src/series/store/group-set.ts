import { ColumnCache } from "./column-cache.ts";
import type { SeriesEntry } from "./series-entry.ts";
import { LabelIndex } from "./label-index.ts";
import { SeriesGroup } from "./series-group.ts";
import { SeriesCounts, type SeriesKind, type SeriesLimits } from "./series-limits.ts";
import type { Labels, Matcher } from "../series.ts";

/** The groups of a store, and the index over the labels of all their series. */
export class GroupSet {
  readonly index = new LabelIndex();
  readonly counts: SeriesCounts;
  readonly #groups = new Map<string, SeriesGroup>();
  /** Keys of label sets that more than one group has. */
  readonly #sharedKeys = new Set<string>();
  readonly #samplesPerBlock: number;
  readonly #cache: ColumnCache;

  /** @param samplesPerBlock number of samples after which a head is sealed @param cacheBytes maximum size of decoded samples */
  constructor(samplesPerBlock: number, cacheBytes: number, limits: SeriesLimits) {
    this.counts = new SeriesCounts(limits);
    this.#samplesPerBlock = samplesPerBlock;
    this.#cache = new ColumnCache(cacheBytes);
  }

  [Symbol.iterator](): Iterator<SeriesGroup> {
    return this.#groups.values();
  }

  get size(): number {
    return this.#groups.size;
  }

  get cacheBytes(): number {
    return this.#cache.bytes;
  }

  /** Returns the group with a name, and creates it if necessary. */
  open(name: string): SeriesGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new SeriesGroup(name, this.#samplesPerBlock, this.#cache);
      this.#groups.set(name, group);
    }
    return group;
  }

  createEntry(
    group: SeriesGroup,
    labels: Labels,
    kind: SeriesKind = this.counts.kindOf(labels),
  ): SeriesEntry {
    const entry = group.series.create(group, labels, kind);
    this.counts.add(kind, 1);
    if (this.#countGroups(entry.key) > 1) this.#sharedKeys.add(entry.key);
    this.index.add(entry);
    return entry;
  }

  /** Returns true if more than one group has a series with these labels. */
  isShared(key: string): boolean {
    return this.#sharedKeys.has(key);
  }

  /** Returns the series that satisfy the matchers and may have samples within [fromMs, toMs]. */
  *find(matchers: readonly Matcher[], fromMs: number, toMs: number): Iterable<SeriesEntry> {
    for (const entry of this.index.find(matchers)) {
      if (entry.firstMs <= toMs && entry.lastMs >= fromMs) yield entry;
    }
  }

  /** Drops blocks whose last sample is before a time, and the series and groups that have no other samples. */
  expire(beforeMs: number): void {
    for (const group of this) {
      if (!group.expire(beforeMs)) continue;
      const gone = group.series.expire(group.firstMs);
      this.index.remove(new Set(gone));
      for (const { key, kind } of gone) {
        this.counts.add(kind, -1);
        if (this.isShared(key) && this.#countGroups(key) < 2) this.#sharedKeys.delete(key);
      }
      if (group.isEmpty) this.#groups.delete(group.name);
    }
  }

  #countGroups(key: string): number {
    let count = 0;
    for (const group of this) if (group.series.hasKey(key)) count += 1;
    return count;
  }
}
