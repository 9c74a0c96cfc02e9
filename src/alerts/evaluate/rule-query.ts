import { TepalError } from "../../kernel/errors.ts";
import type { Engine, VectorSample } from "../../promql/promql.ts";
import { NO_LABELS } from "../../series/labels.ts";
import type { SeriesReader } from "../../series/series.ts";

/** The dependencies of rule evaluation. */
export interface RuleContext {
  readonly engine: Engine;
  readonly reader: SeriesReader;
  readonly externalLabels: ReadonlyMap<string, string>;
  /** Without a trailing slash. */
  readonly externalUrl: string;
}

/**
 * Evaluates an expression at a time. A scalar becomes one sample without labels.
 *
 * @throws TepalError of the engine, and QUERY_FAILED if the result is neither a vector nor a scalar
 */
export function queryVector(
  { engine, reader }: RuleContext,
  promql: string,
  timeMs: number,
): readonly VectorSample[] {
  const { value } = engine.queryInstant(reader, promql, timeMs);
  if (value.type === "vector") return value.samples;
  if (value.type === "scalar") return [{ labels: NO_LABELS, value: value.value }];
  throw new TepalError("QUERY_FAILED", "rule result is not a vector or scalar");
}
