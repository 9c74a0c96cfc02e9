/**
 * Time series as PromQL reads them. This file is the room's door: what a store has to give, and nothing of how it keeps it.
 *
 * A reader hands out arrays that it owns. Nobody writes to them, and a reader does not write to what it has handed out
 * before the query that asked is over; it may append behind their ends.
 */

/**
 * The labels of a series, the metric's name (`__name__`) among them. No value is empty: an empty label is the same as none.
 * In iteration order sorted by name as UTF-8 bytes; make them with `createLabels`.
 */
export type Labels = ReadonlyMap<string, string>;

export const METRIC_NAME = "__name__";
/** The label of a histogram's bucket: its upper bound. */
export const BUCKET_LABEL = "le";

export type MatcherType = "=" | "!=" | "=~" | "!~";

/** One condition of a selector. Make it with `createMatcher`. */
export interface Matcher {
  readonly name: string;
  readonly type: MatcherType;
  /** The text, or the regular expression (RE2 syntax, anchored at both ends). */
  readonly value: string;
  /**
   * What `matches` costs at most for each character of a value, in steps of some nanoseconds; 0 where it is no more than comparing
   * texts.
   */
  readonly cost: number;
  /**
   * Whether a label with this value satisfies it; "" where the series has no such label. May throw when the query's time is over:
   * a reader lets that pass.
   */
  matches(value: string): boolean;
}

/** Samples of one series, by time. */
export interface SeriesSamples {
  readonly labels: Labels;
  /**
   * Milliseconds since 1970, strictly increasing. May begin earlier and end later than was asked for. Series that were
   * sampled together should share this very array: where their samples lie is then looked up once for all of them.
   */
  readonly times: Float64Array;
  /** As many as `times`. */
  readonly values: Float64Array;
  /**
   * A byte for each sample: 1 marks the end of the series at that time (Prometheus's staleness marker), whose value means
   * nothing. It cannot be a special NaN, because JavaScript does not keep which NaN a number is. A series that was not
   * there while others that share its times were is marked so at each of these times. Null where there is none.
   */
  readonly stale: Uint8Array | null;
}

/** Where PromQL gets its samples from. */
export interface SeriesReader {
  /**
   * Every series that satisfies all matchers and has samples at times within [fromMs, toMs], in any order, no labels twice.
   * It may give series without samples there; it may not leave out any that has some.
   */
  select(matchers: readonly Matcher[], fromMs: number, toMs: number): readonly SeriesSamples[];
}
