import type { Labels } from "../series.ts";
import type { SeriesKind } from "./series-limits.ts";
import type { TimeAxis } from "./time-axis.ts";

/** One series of one group: a single object for as long as the series has samples. */
export interface SeriesEntry {
  readonly group: GroupReader;
  readonly labels: Labels;
  /** Key of the labels. */
  readonly key: string;
  readonly kind: SeriesKind;
  /** Times of its first and last samples that are not staleness markers, in milliseconds since 1970. */
  firstMs: number;
  lastMs: number;
}

/** Read interface of a group: samples by their numbers, which count the scrapes of the group. */
export interface GroupReader {
  readonly times: TimeAxis;
  /** Returns the samples of a series from one number to before another. */
  read(entry: SeriesEntry, from: number, to: number): Slice;
}

/** Samples of one series in a range of sample numbers. */
export interface Slice {
  readonly values: Float64Array;
  /** Staleness markers, as in `SeriesSamples`; null without markers. */
  readonly stale: Uint8Array | null;
}

/** The series of a block, in the order of their chunks. Blocks with the same series share it. */
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
