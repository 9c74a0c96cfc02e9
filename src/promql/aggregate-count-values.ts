import { toLabelsKey, withLabel } from "../series/labels.ts";
import type { Aggregation } from "./ast.ts";
import { createExecutionError } from "./errors.ts";
import type { Evaluation } from "./evaluation.ts";
import { formatPlain } from "./format-number.ts";
import { createPick } from "./grouping.ts";
import { isLabelName } from "./label-names.ts";
import { createColumn, type Column, type Grid, type VectorValue } from "./values.ts";

/**
 * How many series have each value. The value becomes a label before the series are grouped: a label of that name is replaced, and
 * `without` may take it away again.
 */
export function aggregateCountValues(
  env: Evaluation,
  label: string,
  { labels: names, without }: Aggregation,
  columns: readonly Column[],
  { count }: Grid,
): VectorValue {
  if (!isLabelName(label)) {
    throw createExecutionError(`invalid label name ${JSON.stringify(label)}`);
  }
  const pick = createPick({ labels: without ? names : [...names, label], without });
  const results = new Map<string, Column>();
  for (const { labels, dropName, values, present } of columns) {
    const byValue = new Map<string, Column>();
    for (let i = 0; i < count; i++) {
      if (present[i] === 0) continue;
      const text = formatPlain(values[i]!);
      let column = byValue.get(text);
      if (column === undefined) {
        const named = pick(withLabel(labels, label, text));
        const key = toLabelsKey(named);
        column = results.get(key) ?? createColumn(env.budget, { labels: named, dropName }, count);
        results.set(key, column);
        byValue.set(text, column);
      }
      column.values[i]!++;
      column.present[i] = 1;
    }
  }
  return { type: "vector", columns: [...results.values()] };
}
