import type { Manifest } from "./manifest.ts";
import type { ClassLabels } from "./model.ts";

/**
 * Returns the values of classes that are numbers; undefined for text.
 * @param labels as in the graph
 */
export function toNumericClasses(labels: ClassLabels): number[] | undefined {
  const numbers = labels.filter((label) => typeof label === "number");
  return labels.length > 0 && numbers.length === labels.length ? numbers : undefined;
}

/**
 * Returns the value of `prediction` for each class index: the class itself if the classes are numbers, otherwise the index.
 * @param labels as in the graph, for a manifest without `class_values`
 */
export function readClassValues(
  { classes, class_values: stated }: Manifest,
  labels: ClassLabels,
): readonly number[] {
  return stated ?? toNumericClasses(labels) ?? classes.map((_, index) => index);
}
