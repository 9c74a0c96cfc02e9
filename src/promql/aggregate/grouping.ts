import { keepLabels, withoutLabels } from "../../series/labels.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import type { Aggregation } from "../syntax/ast.ts";

/** The labels of the group that a series belongs to: those that `by` names, or all but those of `without` and the name. */
export function createPick({
  labels,
  without,
}: Pick<Aggregation, "labels" | "without">): (of: Labels) => Labels {
  const names = new Set(labels);
  if (!without) return (of) => keepLabels(of, names);
  names.add(METRIC_NAME);
  return (of) => withoutLabels(of, names);
}
