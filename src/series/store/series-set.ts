import { toLabelsKey } from "../labels.ts";
import type { Labels } from "../series.ts";
import type { GroupReader, SeriesEntry } from "./series-entry.ts";
import type { SeriesKind } from "./series-limits.ts";

/** The series of one group, by their labels. */
export class SeriesSet {
  readonly #entries = new Map<string, SeriesEntry>();
  /** By object identity, which is faster. */
  #known = new WeakMap<Labels, SeriesEntry>();

  find(labels: Labels): SeriesEntry | undefined {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const entry = this.#entries.get(toLabelsKey(labels));
    if (entry !== undefined) this.#known.set(labels, entry);
    return entry;
  }

  hasKey(key: string): boolean {
    return this.#entries.has(key);
  }

  [Symbol.iterator](): Iterator<SeriesEntry> {
    return this.#entries.values();
  }

  /** Adds a series without samples. */
  create(group: GroupReader, labels: Labels, kind: SeriesKind): SeriesEntry {
    const entry: SeriesEntry = {
      group,
      labels,
      key: toLabelsKey(labels),
      kind,
      firstMs: Number.POSITIVE_INFINITY,
      lastMs: Number.NEGATIVE_INFINITY,
    };
    this.#entries.set(entry.key, entry);
    this.#known.set(labels, entry);
    return entry;
  }

  /** Removes and returns the series without a sample at or after a time. */
  expire(beforeMs: number): SeriesEntry[] {
    const gone = [...this.#entries.values()].filter(({ lastMs }) => lastMs < beforeMs);
    for (const { key } of gone) this.#entries.delete(key);
    if (gone.length > 0) this.#known = new WeakMap();
    return gone;
  }
}
