/**
 * Time series as PromQL reads them. This entry file defines the read interface of a store, not its storage.
 *
 * A reader returns arrays that it owns. Callers do not write to them. A reader does not change returned elements
 * before the query has finished; it may append elements.
 */

/**
 * Labels of a series, including the metric name (`__name__`). No value is empty: an empty label equals a missing one.
 * Iterates in the order of names as UTF-8 bytes. Create them with `createLabels`.
 */
export type Labels = ReadonlyMap<string, string>;

export const METRIC_NAME = "__name__";
/** Label with the upper bound of a histogram's bucket. */
export const BUCKET_LABEL = "le";

export type MatcherType = "=" | "!=" | "=~" | "!~";

/** One condition of a selector. Create it with `createMatcher`. */
export interface Matcher {
  readonly name: string;
  readonly type: MatcherType;
  /** A string, or a regular expression (RE2 syntax, anchored at both ends). */
  readonly value: string;
  /**
   * Maximum cost of `matches` per character of a value, in steps of some nanoseconds; 0 for a plain comparison of
   * strings.
   */
  readonly cost: number;
  /**
   * Returns true if a label with this value matches; "" stands for a missing label. May throw when the time limit of
   * the query is reached; readers let the error pass.
   */
  matches(value: string): boolean;
}

/** Samples of one series, sorted by time. */
export interface SeriesSamples {
  readonly labels: Labels;
  /**
   * Milliseconds since 1970, strictly increasing. May begin before and end after the requested range. Series that were
   * sampled together should share this array, so that a range is looked up once for all of them.
   */
  readonly times: Float64Array;
  /** As many values as times. */
  readonly values: Float64Array;
  /**
   * One byte per sample: 1 is the staleness marker of Prometheus, which ends the series at that time; its value has no
   * meaning. It is not a special NaN, because JavaScript does not preserve the payload of NaN. A series that is missing
   * while others of the same times exist has a marker at each of these times. Null without markers.
   */
  readonly stale: Uint8Array | null;
}

/** The source of samples for PromQL. */
export interface SeriesReader {
  /**
   * Returns every series that satisfies all matchers and has samples within [fromMs, toMs], in any order and without
   * duplicates. May include series without samples there; never omits a series that has some.
   *
   * @param maxSamples once the series hold more samples than this within the range, a reader may omit all others: the
   *   query fails in any case. Readers that decode samples stop, so that a query cannot fill the memory
   */
  select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    maxSamples?: number,
  ): readonly SeriesSamples[];
}
