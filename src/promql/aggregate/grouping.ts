import { keepLabels, withoutLabels } from "../../series/labels.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import type { Column } from "../evaluate/values.ts";
import type { Aggregation } from "../syntax/ast.ts";

/** The series that an aggregation reduces to one. */
export interface Group {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly members: readonly Column[];
}

/** Creates a function that returns the labels of a series' group: those of `by`, or all but those of `without` and the name. */
export function createPick({
  labels,
  without,
}: Pick<Aggregation, "labels" | "without">): (of: Labels) => Labels {
  const names = new Set(labels);
  if (!without) return (of) => keepLabels(of, names);
  names.add(METRIC_NAME);
  return (of) => withoutLabels(of, names);
}
