import type { Manifest } from "../model/manifest.ts";
import type { WarningMap } from "./warnings.ts";

/**
 * Serving turns parsed JSON into predictions: it decodes the rows, asks the guard, runs the model and counts
 * what happened, each step once and in this order. It knows nothing of HTTP.
 */

/** What is told about a row besides its prediction. Field names are those of the reply. */
export type Warning =
  | {
      readonly code: "out_of_range";
      readonly message: string;
      readonly feature: string;
      readonly value: number;
      /** Of the training data; null when that bound is not known. */
      readonly min: number | null;
      readonly max: number | null;
    }
  | {
      readonly code: "out_of_distribution";
      readonly message: string;
      readonly p_value: number;
      readonly alpha: number;
    }
  | { readonly code: "missing_value"; readonly message: string; readonly feature: string }
  | { readonly code: "unknown_field"; readonly message: string; readonly field: string };

/**
 * Predictions of a request, in the order of its rows. The arrays belong to the predictor and are
 * overwritten by its next call: read them at once, in the same turn of the event loop.
 */
export interface Predictions {
  readonly count: number;
  /** Class index of each row; nothing meaningful for regression. */
  readonly labels: Int32Array;
  /** `outputs` numbers a row: class probabilities, or targets. */
  readonly scores: Float32Array;
  /** One a row; NaN where there is no guard or a value is missing. */
  readonly pValues: Float64Array;
  /** By row; a row without warnings has no entry, and most requests have no map at all. */
  readonly warnings: ReadonlyMap<number, readonly Warning[]> | null;
}

/** Predictions of a group of rows, some of which may have been refused. */
export interface RowPredictions extends Predictions {
  /** By row, why it is refused; null when none is. */
  readonly refused: ReadonlyMap<number, string> | null;
}

/** One model version, ready to answer. */
export interface Predictor {
  readonly manifest: Manifest;
  /** Number of scores a row. */
  readonly outputs: number;
  readonly hasGuard: boolean;
  /** Rows with a p-value at or below it are flagged. */
  readonly alpha: number;
  /** Whether flagged rows are refused: the policy "reject". */
  readonly refusesOutliers: boolean;
  /** A real row in feature order, for documentation. */
  readonly example: readonly (number | null)[];
  /** What whoever runs the server should know, such as an α that can never flag. */
  readonly remarks: readonly string[];
  /**
   * Predicts one row, `{"feature": number, …}`.
   * @throws TepalError INVALID_INPUT with every problem, or OUT_OF_DISTRIBUTION under the policy "reject"
   */
  predictRow(body: unknown): Predictions;
  /**
   * Predicts `{"instances": [row, …]}`, where each row is an object or an array in feature order.
   * @throws TepalError like `predictRow`; then no row is predicted
   */
  predictBatch(body: unknown): Predictions;
  /**
   * Judges, predicts and counts rows that are decoded already, as the rows of one batch. Under the policy "reject", a row
   * that the p-value flags is not counted as a prediction, and `refused` says why.
   * @param values row-major, `count` rows in feature order; NaN is a missing value
   */
  predictRows(values: Float64Array, count: number, warnings: WarningMap): RowPredictions;
  /**
   * Keeps its metric series open while a stream lasts, over turns of the event loop and a reload.
   * @returns to be called once, when the stream has ended
   */
  hold(): () => void;
  /** Closes its metric series, when nobody holds it any more. */
  close(): void;
}
