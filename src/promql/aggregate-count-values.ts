import { toLabelsKey, withLabel } from "../series/labels.ts";
import type { Group } from "./aggregation.ts";
import { createExecutionError } from "./errors.ts";
import type { Evaluation } from "./evaluation.ts";
import { formatPlain } from "./format-number.ts";
import { isLabelName } from "./label-names.ts";
import { createColumn, type Column, type Grid, type VectorValue } from "./values.ts";

/** How many series have each value; the value becomes a label. */
export function aggregateCountValues(
  env: Evaluation,
  label: string,
  groups: readonly Group[],
  grid: Grid,
): VectorValue {
  if (!isLabelName(label))
    throw createExecutionError(`invalid label name ${JSON.stringify(label)}`);
  // By labels and not by group: the new label may be one by which it was grouped.
  const results = new Map<string, Column>();
  for (const { labels, dropName, members } of groups) {
    const byValue = new Map<string, Column>();
    for (const { values, present } of members) {
      for (let i = 0; i < grid.count; i++) {
        if (present[i] === 0) continue;
        const text = formatPlain(values[i]!);
        let column = byValue.get(text);
        if (column === undefined) {
          const named = withLabel(labels, label, text);
          const key = toLabelsKey(named);
          column =
            results.get(key) ?? createColumn(env.budget, { labels: named, dropName }, grid.count);
          results.set(key, column);
          byValue.set(text, column);
        }
        column.values[i]!++;
        column.present[i] = 1;
      }
    }
  }
  return { type: "vector", columns: [...results.values()] };
}
