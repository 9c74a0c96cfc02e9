import { METRIC_NAME, type Labels } from "../../series/series.ts";
import { mergeSame, type Column, type VectorValue } from "../evaluate/values.ts";

/**
 * A vector whose labels are changed and whose values are not. A name that is set stays, also where it was to go at the end.
 *
 * @throws TepalError QUERY_FAILED when two series have the same labels then
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
