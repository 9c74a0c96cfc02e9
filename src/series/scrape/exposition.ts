import type { Labels } from "../series.ts";

/** The metric type of a TYPE line. */
export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "untyped";

export interface Metadata {
  /** `unknown` without a TYPE line; `untyped` is reported as `unknown` too, as in Prometheus. */
  readonly type: Exclude<MetricType, "untyped"> | "unknown";
  readonly help: string;
}

/** The result of one scrape, in the order of its lines. */
export interface Exposition {
  /** Labels with the metric name as `__name__`. The objects are reused while the lines of the target stay the same. */
  readonly series: readonly Labels[];
  /** As many values as labels. */
  readonly values: readonly number[];
  /** Metadata by metric name. */
  readonly metadata: ReadonlyMap<string, Metadata>;
}

/** Parses the consecutive expositions of one target. */
export interface ExpositionParser {
  /** @throws ExpositionError; the samples before the error are dropped */
  parse(text: string): Exposition;
}

/** A syntax error in an exposition. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
  /** 1-based line number. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
  }
}
