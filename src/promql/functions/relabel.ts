import { METRIC_NAME, type Labels } from "../../series/series.ts";
import { countCharacters } from "../../series/labels.ts";
import type { Budget } from "../evaluate/budget.ts";
import { mergeSame, type Column, type VectorValue } from "../evaluate/values.ts";

/**
 * Returns a vector with changed labels and unchanged values. A name that is set stays, even if it was to be dropped at
 * the end.
 *
 * @throws TepalError QUERY_FAILED if two series have the same labels then
 */
export function relabel(
  columns: readonly Column[],
  label: string,
  change: (labels: Labels) => Labels,
): VectorValue {
  const changed = columns.map((column) => {
    const labels = change(column.labels);
    if (labels === column.labels) return column;
    return { ...column, labels, dropName: label === METRIC_NAME ? false : column.dropName };
  });
  return { type: "vector", columns: mergeSame(changed) };
}

/** Holds the labels of a series before one of them is set to a string of a length. */
export function holdRelabelled(
  budget: Budget,
  labels: Labels,
  label: string,
  length: number,
): void {
  const others = countCharacters(labels) - (labels.get(label)?.length ?? 0);
  budget.holdLabels(others + (labels.has(label) ? 0 : label.length) + length);
}
