/**
 * What a model is, as the rest of Tepal sees it.
 *
 * A model on disk is a directory (`artifact.ts`): an ONNX graph, a manifest, the guard's reference
 * and golden pairs. In memory it is an `Executor` for the graph beside its `Manifest`. Executors come from
 * `runtimes/`; the one for tree ensembles is our own (`forest/`), because one row then
 * takes microseconds.
 */

export type Task = "classification" | "regression";

/** Names of the classes, in the order of the scores. ONNX knows whole numbers and strings. */
export type ClassLabels = readonly number[] | readonly string[];

/**
 * Computes predictions. Pure: no state is seen from outside, no clock, no metrics; the same rows give the
 * same bits. It is synchronous; a caller with many rows splits them.
 */
export interface Executor {
  readonly task: Task;
  /** Number of input columns. */
  readonly features: number;
  /** Classification: number of classes (≥ 2). Regression: number of targets (≥ 1). */
  readonly outputs: number;
  /** Empty for regression. */
  readonly classes: ClassLabels;
  /**
   * Predicts `count` rows.
   *
   * @param rows row-major, `count × features` numbers; NaN is a missing value. Rounded to float32
   *   first when the graph's input is float32.
   * @param scores is filled with `count × outputs` numbers: probabilities (or whatever the graph's
   *   post-transform gives), or the regression targets
   * @param labels is filled with `count` indexes into `classes`; untouched for regression
   */
  run(rows: Float64Array, count: number, scores: Float32Array, labels: Int32Array): void;
}
