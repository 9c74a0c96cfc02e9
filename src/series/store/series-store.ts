/**
 * The second door of the room: how samples come into a store, and what it can be asked besides them. What it gives to queries is
 * in series.ts.
 */
import type { Block } from "./block.ts";
import type { Head } from "./head.ts";
import type { Labels, Matcher, SeriesReader } from "../series.ts";

export interface Sample {
  /** The same object each time for the same series is found faster than an equal one. */
  readonly labels: Labels;
  readonly value: number;
}

/** What became of the samples that were to be stored. */
export interface AppendResult {
  readonly stored: number;
  /** Of a series that had one in the same append already: the first holds. */
  readonly duplicates: number;
  /** Of series that are new and above the cap. */
  readonly aboveCap: number;
  /** True when the time was not later than the group's last one: then nothing was stored. */
  readonly isLate: boolean;
}

/** What a store holds, and what it did not take since it began. */
export interface StoreStatistics {
  readonly series: number;
  readonly groups: number;
  /** In memory: packed windows, open ones and times. */
  readonly sampleBytes: number;
  /** In memory: what was unpacked for queries. */
  readonly cacheBytes: number;
  readonly samplesAppended: number;
  readonly samplesAboveCap: number;
  readonly samplesDuplicate: number;
  readonly samplesLate: number;
  /** Infinity, −Infinity when there is none. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

export interface SeriesStore extends SeriesReader {
  /**
   * Adds samples that were taken together at one time (whole milliseconds since 1970). A series of the group that had a sample
   * the last time and has none now ends there, as Prometheus's staleness marker ends it; so `append(group, timeMs, [])` ends all.
   * A label set should stay with one group: where two have it, reading costs more.
   */
  append(group: string, timeMs: number, samples: readonly Sample[]): AppendResult;
  /**
   * The label sets of all series that satisfy one of the selectors and may have samples within [fromMs, toMs]; of all series
   * when there is no selector.
   */
  find(selectors: readonly (readonly Matcher[])[], fromMs: number, toMs: number): Labels[];
  /** The values that a label has, in any series, with how many series have each. */
  labelValues(name: string): Iterable<readonly [value: string, series: number]>;
  labelNames(): Iterable<string>;
  statistics(): StoreStatistics;
}

/** Is told what a store takes, so that it can be kept elsewhere. It may not fail. */
export interface Journal {
  /** The newest sample of the open window is complete. */
  appended(group: string, head: Head): void;
  /** A window is packed and will not change. */
  sealed(group: string, times: Float64Array, block: Block): void;
}
