import { METRIC_NAME, type Labels } from "../../series/series.ts";
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
