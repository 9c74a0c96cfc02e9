import type { Labels } from "../series.ts";

/** The type that a metric's TYPE line gives it. */
export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "untyped";

export interface Metadata {
  /** `unknown` where no TYPE line says it; `untyped` is told as `unknown` too, as Prometheus tells it. */
  readonly type: Exclude<MetricType, "untyped"> | "unknown";
  readonly help: string;
}

/** What one scrape of a target gave, in the order of its lines. */
export interface Exposition {
  /** The metric's name is the label `__name__`. As long as the lines of a target stay the same, these are the same objects. */
  readonly series: readonly Labels[];
  /** As many. */
  readonly values: readonly number[];
  /** By the metric's name. */
  readonly metadata: ReadonlyMap<string, Metadata>;
}

/** Reads the expositions of one target, one after the other. */
export interface ExpositionParser {
  /** @throws ExpositionError; what was read before is then not given */
  parse(text: string): Exposition;
}

/** What is wrong with an exposition, and in which line. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
  /** From 1 on. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
  }
}
