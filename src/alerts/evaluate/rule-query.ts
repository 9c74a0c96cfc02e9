import { TepalError } from "../../kernel/errors.ts";
import type { Engine, VectorSample } from "../../promql/promql.ts";
import { NO_LABELS } from "../../series/labels.ts";
import type { SeriesReader } from "../../series/series.ts";

/** What evaluating takes from the other rooms, and says where its alerts are shown. */
export interface RuleContext {
  readonly engine: Engine;
  readonly reader: SeriesReader;
  readonly externalLabels: ReadonlyMap<string, string>;
  /** Without a slash at the end. */
  readonly externalUrl: string;
}

/**
 * The numbers of an expression at a time; those of a scalar have no labels.
 *
 * @throws TepalError as the engine does, and QUERY_FAILED for what is no numbers
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
