import { TepalError } from "../../kernel/errors.ts";
import { createLabels, toLabelsKey } from "../../series/labels.ts";
import { METRIC_NAME } from "../../series/series.ts";
import type { RecordedSample } from "../alerts.ts";
import type { RecordingDefinition } from "../rules/rules.ts";
import { queryVector, type RuleContext } from "./rule-query.ts";

/**
 * Evaluates a recording rule at a time.
 *
 * @param limit maximum number of series; 0 = no limit
 * @throws TepalError if the query fails, two series get the same labels, or the limit is exceeded
 */
export function evaluateRecording(
  rule: Pick<RecordingDefinition, "name" | "expr" | "labels">,
  context: RuleContext,
  timeMs: number,
  limit: number,
): readonly RecordedSample[] {
  const keys = new Set<string>();
  const samples = queryVector(context, rule.expr, timeMs).map(({ labels, value }) => {
    const named = createLabels([...labels, [METRIC_NAME, rule.name], ...rule.labels]);
    keys.add(toLabelsKey(named));
    return { labels: named, value };
  });
  if (keys.size < samples.length) {
    throw new TepalError(
      "QUERY_FAILED",
      "vector contains metrics with the same labelset after applying rule labels",
    );
  }
  if (limit > 0 && samples.length > limit) {
    throw new TepalError(
      "QUERY_FAILED",
      `exceeded limit of ${limit} with ${samples.length} series`,
    );
  }
  return samples;
}
