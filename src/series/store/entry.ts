import type { SeriesGroup } from "./series-group.ts";
import type { Labels } from "../series.ts";

/** One series of one group: a single object for as long as the series has samples. */
export interface SeriesEntry {
  readonly group: SeriesGroup;
  readonly labels: Labels;
  /** Key of the labels. */
  readonly key: string;
  /** Times of its first and last samples that are not staleness markers, in milliseconds since 1970. */
  firstMs: number;
  lastMs: number;
}

/** The series of a window, in the order of their chunks. Windows with the same series share it. */
export interface Layout {
  readonly entries: readonly SeriesEntry[];
  readonly positions: ReadonlyMap<SeriesEntry, number>;
}

export function createLayout(entries: readonly SeriesEntry[]): Layout {
  return { entries, positions: new Map(entries.map((entry, position) => [entry, position])) };
}

export function hasEntries(layout: Layout, entries: readonly SeriesEntry[]): boolean {
  return (
    layout.entries.length === entries.length &&
    entries.every((entry, i) => layout.entries[i] === entry)
  );
}
