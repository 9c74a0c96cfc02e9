import type { Clock } from "../kernel/clock.ts";
import type { ExposedSeries, Exemplar, ExpositionFormat } from "./exposition.ts";
import type { HistogramDeclaration, MetricDeclaration, METRICS } from "./names.ts";
import type { ProcessMetric } from "./process-metrics.ts";

/**
 * The metrics of one server. Other modules open series in families and record into them; `render` returns the text exposition of a
 * scrape. There is no global registry, so two servers in one process do not mix.
 *
 * - names.ts declares every metric; create-metrics.ts creates them; exposition.ts writes them.
 * - The order of a response is: Tepal's metrics, those of the process, those of the application, and last the many series of drift. A
 *   reader with a limit loses the least.
 * - All numbers of a server are in one typed array (arena.ts), so that saved-metrics.ts can keep them in a file for another process.
 * - `absorb` adds the measurements of another process, by the `Aggregator` of each metric.
 */
export type Metrics = {
  readonly [K in keyof typeof METRICS]: (typeof METRICS)[K] extends HistogramDeclaration
    ? HistogramFamily
    : ValueFamily;
} & {
  /** Calls `update` before each scrape, for values that are computed on demand. */
  beforeRender(update: () => void): void;
  /**
   * Returns the metrics response.
   * @param format default `text`
   * @param processMetrics those of the process and of Node.js; by default those of this process, if the options include them
   */
  render(format?: ExpositionFormat, processMetrics?: readonly ProcessMetric[]): Promise<string>;
  /** Returns the last request of each bucket of the histograms that keep one. */
  exemplars(): SavedExemplar[];
  /** Adds the exemplars of another process: the later one of a bucket stays. */
  absorbExemplars(exemplars: readonly SavedExemplar[]): void;
  /** Families by the name of their metric. */
  readonly families: ReadonlyMap<string, Family>;
  /** Adds a counter or a gauge of an application. Its name must be free. */
  declareValue(declaration: MetricDeclaration): ValueFamily;
  /** Adds a histogram of an application. Its name must be free. */
  declareHistogram(declaration: HistogramDeclaration): HistogramFamily;
  /** Saves the recorded values at the end of this turn of the event loop. Does nothing without a file. */
  saveSoon(): void;
  /** Computes the values that are computed on demand, and saves all values if there is a file. */
  update(): void;
  /** Returns all families and numbers. The numbers are not copied. */
  snapshot(): Measurements;
  /** Adds the measurements of another process: counters and histograms only, or gauges too. */
  absorb(measurements: Measurements, what: "counts" | "all"): void;
};

export interface MetricsOptions {
  /** Exposes the metrics of the process and of Node.js too. @default true */
  readonly process?: boolean;
  /** @default the system's */
  readonly clock?: Clock;
  /** Called once for each metric that has dropped a series. */
  readonly onFull?: (metric: string) => void;
  /** Saves the measurements for another process. */
  readonly file?: {
    /** Descriptor of an empty file. */
    readonly descriptor: number;
    /** Called with an error of writing. The next save contains the unwritten values. */
    onError(error: unknown): void;
  };
}

/**
 * All series of one metric. A series is opened once, which returns its slot; recording into a slot is an addition and allocates nothing.
 * (Looking labels up for each request is what makes instrumented servers slow: 0.3–0.7 µs against 10–15 ns; `npm run bench -- metrics`.)
 */
export interface Family {
  readonly declaration: MetricDeclaration;
  /** Numbers per series, which follow each other from its slot on. */
  readonly size: number;
  /**
   * Opens the series with these label values, in the declared order, and returns its slot. A new series starts at zero. Returns DROPPED
   * if the family is full. A series stays open until each `open` has its `close`.
   */
  open(labelValues: readonly string[]): number;
  /** Removes a series that has no other owner. Its slot may be reused. */
  close(slot: number): void;
  /** Returns the slot of an open series, without opening it. */
  find(labelValues: readonly string[]): number | undefined;
  /** Returns the open series, in the order in which they were opened. */
  series(): Iterable<Series>;
  /**
   * Combines the numbers of a series of another process with those of this one.
   * @param createdMs time at which the other process opened it
   */
  absorb(labelValues: readonly string[], numbers: Float64Array, createdMs?: number): void;
  /** Returns the samples of all open series, in the order in which they were opened. */
  expose(): Iterable<ExposedSeries>;
  reset(): void;
}

/** The slot of a series that was not opened because its family is full. Recording into it has no effect. */
export const DROPPED = -1;

/** An open series, the index of its first number, and the Unix time in milliseconds at which it began. */
export type Series = readonly [slot: number, labelValues: readonly string[], createdMs: number];

/** An exemplar of a histogram, for another process. */
export type SavedExemplar = readonly [
  name: string,
  labelValues: readonly string[],
  bucket: number,
  exemplar: Exemplar,
];

/** A counter or a gauge: one number per series. */
export interface ValueFamily extends Family {
  add(slot: number, amount: number): void;
  set(slot: number, value: number): void;
  get(slot: number): number;
}

/** A histogram: counts by bucket, and a sum. */
export interface HistogramFamily extends Family {
  /**
   * @param requestId keeps the request as the exemplar of its bucket
   * @param atSeconds the present time on the clock for durations, for the exemplar
   */
  observe(slot: number, value: number, requestId?: string, atSeconds?: number): void;
  exemplars(): Iterable<SavedExemplar>;
  /** Ignores an exemplar of a series that is not open. */
  absorbExemplar(exemplar: SavedExemplar): void;
}

/** The measurements of one process. */
export interface Measurements {
  readonly families: readonly SavedFamily[];
  /** All numbers. Those of a series begin at its slot. */
  readonly values: Float64Array;
}

/** The series of one metric, with its declaration if it is an application's. Every process knows those of Tepal. */
export type SavedFamily = readonly [
  name: string,
  series: readonly Series[],
  declaration?: MetricDeclaration,
];
