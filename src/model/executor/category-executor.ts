import type { Executor } from "../model.ts";

/** The values that a graph computes with in place of a feature's categories. */
export interface CategoryColumn {
  readonly feature: number;
  /** By code: the categories in their order, then any unknown one. */
  readonly values: Float64Array;
  /** In place of a missing value. */
  readonly missing: number;
}

/** Creates an executor that takes the codes of categories. Without columns, it is the executor itself. */
export function createCategoryExecutor(
  executor: Executor,
  columns: readonly CategoryColumn[],
): Executor {
  if (columns.length === 0) return executor;
  const { task, features, outputs, classes } = executor;
  let converted = new Float64Array(0);
  return {
    task,
    features,
    outputs,
    classes,
    run(rows, count, scores, labels) {
      const length = count * features;
      if (converted.length < length) converted = new Float64Array(length);
      converted.set(rows.length === length ? rows : rows.subarray(0, length));
      convertCategories(converted, features, columns, length);
      executor.run(converted, count, scores, labels);
    },
  };
}

/** Replaces the codes of categories in rows by the values that the graph computes with. @param length number of values in the rows */
export function convertCategories(
  rows: Float64Array,
  features: number,
  columns: readonly CategoryColumn[],
  length = rows.length,
): void {
  for (const { feature, values, missing } of columns) {
    for (let at = feature; at < length; at += features) {
      rows[at] = values[rows[at]!] ?? missing;
    }
  }
}
