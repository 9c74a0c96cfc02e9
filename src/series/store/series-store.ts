/** The write interface of a store, and its metadata queries. series.ts has the read interface for PromQL. */
import type { Labels, Matcher, SeriesReader } from "../series.ts";

export interface Sample {
  /** An identical object for the same series is found faster than an equal one. */
  readonly labels: Labels;
  readonly value: number;
}

/** Result of an append. */
export interface AppendResult {
  readonly stored: number;
  /** Samples of a series that had one in the same append: the first wins. */
  readonly duplicates: number;
  /** Samples of new series above the limit of series. */
  readonly aboveCap: number;
  /** Samples of new series above the limit of drift series. */
  readonly aboveDriftCap: number;
  /** True if the time was not later than the group's last one. Nothing is stored then. */
  readonly isLate: boolean;
}

/** Size and losses of a store since its creation. */
export interface StoreStatistics {
  readonly series: number;
  readonly groups: number;
  /** Bytes of blocks, heads and times. */
  readonly sampleBytes: number;
  /** Bytes of samples that were decoded for queries. */
  readonly cacheBytes: number;
  readonly samplesAppended: number;
  readonly samplesAboveCap: number;
  readonly samplesAboveDriftCap: number;
  readonly samplesDuplicate: number;
  readonly samplesLate: number;
  /** Samples that were set aside. */
  readonly samplesAhead: number;
  /** Infinity and −Infinity without samples. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Appended samples of one series, in the order of time. */
export interface FollowedSeries {
  readonly labels: Labels;
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** True for the end of the series: a staleness marker, whose value has no meaning. */
  readonly stale: readonly boolean[];
}

/** Whole appends that a follower has read. */
export interface Followed {
  readonly series: readonly FollowedSeries[];
  /** The time of the last append of each group that was read. */
  readonly positions: ReadonlyMap<string, number>;
  readonly samples: number;
}

/** Appends that a follower has not read yet. */
export interface Pending {
  /** At most as many. */
  readonly samples: number;
  /** Infinity if there is nothing. */
  readonly oldestMs: number;
}

/** Reads appended samples once, group by group in the order of time, also those that were restored from disk. */
export interface StoreFollower {
  /**
   * Reads the oldest unread appends. An append is never split: it may have more samples than the maximum.
   *
   * @param toPosition returns the time of the last append of a group that counts as read
   * @returns undefined if there is nothing to read
   */
  read(toPosition: (group: string) => number, maxSamples: number): Followed | undefined;
  pending(toPosition: (group: string) => number): Pending;
  /** Samples that the store dropped before they were read, since the follower exists. */
  lostSamples(): number;
}

export interface SeriesStore extends SeriesReader {
  /**
   * Appends samples with one time (integer milliseconds since 1970). A series of the group that had a sample at the
   * previous time and has none now ends, as with Prometheus's staleness marker; an append without samples ends all.
   * A label set should stay with one group: reads are slower if two groups have it.
   */
  append(group: string, timeMs: number, samples: readonly Sample[]): AppendResult;
  /** The newest time of all samples, in milliseconds since 1970; −Infinity without samples. */
  newestMs(): number;
  /**
   * Sets aside the samples after a time: the clock was ahead when they were appended, and new samples would be late. They are not read any
   * more.
   *
   * @returns the number of scrapes and evaluations that they belong to
   */
  setAside(afterMs: number): number;
  /**
   * Returns the label sets of all series that satisfy one of the selectors and may have samples within [fromMs, toMs];
   * of all series without selectors.
   */
  find(selectors: readonly (readonly Matcher[])[], fromMs: number, toMs: number): Labels[];
  /** Returns the values of a label, with the number of series of each. */
  labelValues(name: string): Iterable<readonly [value: string, series: number]>;
  labelNames(): Iterable<string>;
  statistics(): StoreStatistics;
  /** Creates a reader that follows the appends of the store. */
  follow(): StoreFollower;
}
