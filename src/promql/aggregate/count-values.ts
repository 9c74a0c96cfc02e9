import { countCharacters, toLabelsKey, withLabel } from "../../series/labels.ts";
import type { Aggregation } from "../syntax/ast.ts";
import { createExecutionError } from "../errors.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { formatPlain } from "../format-number.ts";
import { createPick } from "./grouping.ts";
import { isLabelName } from "../syntax/label-names.ts";
import { createColumn, type Column, type Grid, type VectorValue } from "../evaluate/values.ts";

/**
 * Counts the series with each value. The value becomes a label before the series are grouped: it replaces a label of
 * that name, and `without` may remove it again.
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
  const staysOn = !(without && names.includes(label));
  const groups = new Map<string, Map<number | "-0", Column>>();
  for (const { labels, dropName, values, present } of columns) {
    env.budget.spend(count);
    const group = pick(withLabel(labels, label, ""));
    const key = toLabelsKey(group);
    const byValue = groups.get(key) ?? new Map<number | "-0", Column>();
    groups.set(key, byValue);
    for (let i = 0; i < count; i++) {
      if (present[i] === 0) continue;
      const value = staysOn ? toKey(values[i]!) : 0;
      let column = byValue.get(value);
      if (column === undefined) {
        const text = staysOn ? formatPlain(values[i]!) : "";
        env.budget.holdLabels(countCharacters(group) + label.length + text.length);
        const named = staysOn ? withLabel(group, label, text) : group;
        column = createColumn(env.budget, { labels: named, dropName }, count);
        byValue.set(value, column);
      }
      column.values[i]!++;
      column.present[i] = 1;
    }
  }
  return {
    type: "vector",
    columns: [...groups.values()].flatMap((byValue) => [...byValue.values()]),
  };
}

/** A map treats both zeros as one key, but they are formatted differently. */
function toKey(value: number): number | "-0" {
  return Object.is(value, -0) ? "-0" : value;
}
