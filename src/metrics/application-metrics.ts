import { TepalError, type Problem } from "../kernel/errors.ts";
import type { Aggregator, HistogramDeclaration, MetricDeclaration } from "./names.ts";
import type { Family, HistogramFamily, ValueFamily } from "./metrics.ts";

/**
 * The metrics of the application that embeds a server: declared once, served by GET /metrics beside those of Tepal, recorded
 * by the built-in monitor, and added up over worker processes.
 *
 * Each call declares a metric and throws TepalError INVALID_OPTION if its name, labels or buckets are invalid, or if its
 * name is taken. A metric without labels is one series, and is returned as such. A metric with labels has a series for each
 * combination of label values, at most 10,000; further ones are dropped and counted in `metrics_series_dropped_total`.
 */
export interface ApplicationMetrics {
  /** Declares a counter. Its name ends in `_total`. */
  counter(options: MetricOptions): Counter;
  counter<L extends string>(options: LabelledOptions<L>): Labelled<L, Counter>;
  /** Declares a gauge. `aggregator` combines the values of several worker processes; default `sum`. */
  gauge(options: MetricOptions & GaugeOptions): Gauge;
  gauge<L extends string>(options: LabelledOptions<L> & GaugeOptions): Labelled<L, Gauge>;
  /** Declares a histogram. */
  histogram(options: MetricOptions & HistogramOptions): Histogram;
  histogram<L extends string>(
    options: LabelledOptions<L> & HistogramOptions,
  ): Labelled<L, Histogram>;
}

export interface MetricOptions {
  /** Letters, digits and `_`, for example `shop_orders_total`; the name ends with its base unit. */
  readonly name: string;
  /** One sentence, shown by Prometheus and Grafana. */
  readonly help: string;
}

export interface LabelledOptions<L extends string> extends MetricOptions {
  /** Each label needs a small set of values: never a user's id or free text. */
  readonly labels: readonly L[];
}

export interface GaugeOptions {
  readonly aggregator?: Exclude<Aggregator, "distinct">;
}

export interface HistogramOptions {
  /** Upper bounds in the unit of the name, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

/** A metric with labels. */
export interface Labelled<L extends string, Series> {
  /** Returns the series of these label values. Keep it where it is used often: recording into it costs nanoseconds. */
  with(labels: Readonly<Record<L, string>>): Series;
}

export interface Counter {
  /** @param amount ≥ 0, default 1. @throws RangeError for a negative amount or NaN */
  inc(amount?: number): void;
}

export interface Gauge {
  set(value: number): void;
  inc(amount?: number): void;
  dec(amount?: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** The part of the server's metrics that application metrics need. */
export interface MetricSet {
  readonly families: ReadonlyMap<string, Family>;
  declareValue(declaration: MetricDeclaration): ValueFamily;
  declareHistogram(declaration: HistogramDeclaration): HistogramFamily;
  /** Saves the recorded values at the end of this turn of the event loop, for other processes. */
  saveSoon(): void;
}

type AnyOptions = MetricOptions & { readonly labels?: readonly string[] };

export function createApplicationMetrics(metrics: MetricSet): ApplicationMetrics {
  // The overloads of the interface distinguish the two results of a call; an implementation cannot.
  const declared = {
    counter({ name, help, labels = [] }: AnyOptions) {
      const declaration = { name, help, labels, type: "counter" } as const;
      checkDeclaration(declaration, metrics);
      const family = metrics.declareValue(declaration);
      return toHandle(family, labels, (slot) => ({
        inc(amount = 1) {
          if (!(amount >= 0)) {
            throw new RangeError(`${name}: Expected an amount ≥ 0, got ${amount}.`);
          }
          family.add(slot, amount);
          metrics.saveSoon();
        },
      }));
    },
    gauge({ name, help, labels = [], aggregator = "sum" }: AnyOptions & GaugeOptions) {
      const declaration = { name, help, labels, type: "gauge", aggregator } as const;
      checkDeclaration(declaration, metrics);
      const family = metrics.declareValue(declaration);
      const add = (slot: number, amount: number): void => {
        family.add(slot, amount);
        metrics.saveSoon();
      };
      return toHandle(family, labels, (slot) => ({
        set(value: number) {
          family.set(slot, value);
          metrics.saveSoon();
        },
        inc: (amount = 1) => add(slot, amount),
        dec: (amount = 1) => add(slot, -amount),
      }));
    },
    histogram({ name, help, labels = [], buckets }: AnyOptions & HistogramOptions) {
      const declaration = { name, help, labels, type: "histogram", buckets } as const;
      checkDeclaration(declaration, metrics);
      const family = metrics.declareHistogram(declaration);
      return toHandle(family, labels, (slot) => ({
        observe(value: number) {
          family.observe(slot, value);
          metrics.saveSoon();
        },
      }));
    },
  };
  return declared as ApplicationMetrics;
}

function toHandle<Series>(
  family: Family,
  labels: readonly string[],
  toSeries: (slot: number) => Series,
) {
  if (labels.length === 0) return toSeries(family.open([]));
  return {
    with(given: Readonly<Record<string, string>>) {
      const values = labels.map((label) => toLabelValue(family.declaration.name, label, given));
      return toSeries(family.find(values) ?? family.open(values));
    },
  };
}

function toLabelValue(
  metric: string,
  label: string,
  given: Readonly<Record<string, string>>,
): string {
  const value = given[label];
  if (typeof value === "string") return value;
  throw new TypeError(`${metric}: Expected a string for the label ${label}, got ${String(value)}.`);
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
/** The client library's metrics of the process and of Node.js. */
const PROCESS_METRIC = /^(?:process|nodejs)_/;

/** @throws TepalError INVALID_OPTION with every problem */
function checkDeclaration(
  declaration: MetricDeclaration,
  { families }: Pick<MetricSet, "families">,
): void {
  const { name, help, labels, type } = declaration;
  const problems: Problem[] = [];
  const report = (at: string, message: string): void => void problems.push({ at, message });
  if (!NAME.test(name)) report("name", `Expected letters, digits and _, got ${quote(name)}.`);
  if (type === "counter" && !name.endsWith("_total")) {
    report("name", `Expected a counter's name to end in _total, got ${quote(name)}.`);
  }
  const taken = new Set(
    Array.from(families.values(), (family) => toSampleNames(family.declaration)).flat(),
  );
  if (PROCESS_METRIC.test(name) || toSampleNames(declaration).some((one) => taken.has(one))) {
    report("name", `Expected a name that no other metric has, got ${quote(name)}.`);
  }
  if (typeof help !== "string" || help.trim() === "") report("help", "Expected a sentence.");
  for (const [i, label] of labels.entries()) {
    const isReserved = type === "histogram" && label === "le";
    if (isReserved || !LABEL.test(label)) {
      report("labels", `Expected a label of letters, digits and _, got ${quote(label)}.`);
    } else if (labels.indexOf(label) !== i) {
      report("labels", `Expected each label once, got ${quote(label)} twice.`);
    }
  }
  if (declaration.type === "histogram") {
    const { buckets } = declaration;
    const isAscending = buckets.every(
      (bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]!),
    );
    if (buckets.length === 0 || !isAscending) {
      report("buckets", `Expected finite, ascending numbers, got [${buckets.join(", ")}].`);
    }
  }
  if (problems.length === 0) return;
  const listed = problems.map(({ at, message }) => `${at}: ${message}`).join(" ");
  throw new TepalError("INVALID_OPTION", `Invalid metric ${quote(name)}: ${listed}`, { problems });
}

/** The names of a metric's samples: those of a histogram are not its own. */
function toSampleNames({ name, type }: MetricDeclaration): readonly string[] {
  if (type !== "histogram") return [name];
  return [name, ...["_bucket", "_sum", "_count"].map((suffix) => name + suffix)];
}

function quote(text: string): string {
  return JSON.stringify(text) ?? String(text);
}
