import type { ReferenceRows } from "../guard/guard.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Feature } from "../tabular/tabular.ts";
import type { RequestRecorder } from "./record-requests.ts";

/**
 * Serving turns rows into predictions. The steps of a request, each in a file of its own:
 *
 *     decode/    parsed JSON, or bytes of CSV and NDJSON → rows of numbers (rows.ts)
 *     check.ts   rows → p-values, flags and warnings
 *     infer.ts   rows → scores and labels
 *     record.ts  all of these → metrics
 *     encode/    predictions → JSON or CSV
 *
 * Each step runs once per row and in this order; `predictor.ts` composes them. A rejected row is checked and recorded, but not predicted.
 * Serving does not depend on HTTP.
 *
 * A model that onnxruntime computes in another process has the same steps (`remote-predictor.ts`), in buffers of each request, since others
 * run while it waits.
 */

/** A warning about a row. Field names are those of the response. */
export type Warning =
  | {
      readonly code: "out_of_range";
      readonly message: string;
      readonly feature: string;
      readonly value: number;
      /** Bounds of the training data; null if unknown. */
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
  | {
      readonly code: "unknown_category";
      readonly message: string;
      readonly feature: string;
      readonly value: string | number;
      /** The closest known categories, at most three. */
      readonly nearest: readonly (string | number)[];
    }
  | { readonly code: "unchecked"; readonly message: string }
  | { readonly code: "unknown_field"; readonly message: string; readonly field: string };

/** Collects the warnings of a group of rows. */
export interface RowWarnings {
  /** By row. A row without warnings has no entry, and most requests have no map at all. */
  readonly byRow: ReadonlyMap<number, readonly Warning[]> | null;
  add(row: number, warning: Warning): void;
}

/**
 * Predictions of a group of rows, in their order. The predictor owns the arrays and overwrites them in its next call: read them at once,
 * in the same turn of the event loop.
 */
export interface Predictions {
  readonly count: number;
  /** Class index of each row; undefined content for regression. */
  readonly labels: Int32Array;
  /** `outputs` numbers per row: class probabilities, or targets. */
  readonly scores: Float32Array;
  /** One per row; NaN without a guard, and for an unchecked row: one that the guard cannot compare, since a value is missing. */
  readonly pValues: Float64Array;
  readonly warnings: RowWarnings["byRow"];
}

/** Predictions of a group of rows, some of which may be rejected. */
export interface StreamPredictions extends Predictions {
  /** By row, the reason of each rejection; null if there is none. */
  readonly rejected: ReadonlyMap<number, Rejection> | null;
}

/** The reason why the policies reject a row, or INVALID_INPUT if its graph fails for it. */
export interface Rejection {
  readonly code: "OUT_OF_DISTRIBUTION" | "UNCHECKED_INPUT" | "UNKNOWN_CATEGORY" | "INVALID_INPUT";
  readonly message: string;
}

/** Predicts with one version of a model. */
export type AnyPredictor = Predictor | RemotePredictor;

/** The properties of a predictor, which do not depend on the engine. */
export interface PredictorBase {
  readonly manifest: Manifest;
  /** The features of the manifest, with `nullable` as the policy for missing values decides. */
  readonly features: readonly Feature[];
  /** Number of scores per row. */
  readonly outputs: number;
  readonly hasGuard: boolean;
  /** Maximum number of rows of `predictBatch`. */
  readonly maxBatchRows: number;
  /** Rows with a p-value at or below it are outliers. */
  readonly alpha: number;
  /** True if the policies reject rows: outliers, unchecked ones or those with an unknown category. */
  readonly rejectsRows: boolean;
  /**
   * The value of `prediction` by class index: the class itself if the classes are numbers, otherwise the index. Empty for
   * regression.
   */
  readonly classValues: readonly number[];
  /** A real row in feature order, for documentation. */
  readonly example: readonly (number | null)[];
  /** Warnings for the operator of the server, for example about an α that can never flag a row. */
  readonly startupWarnings: readonly string[];
  /** Records its requests. */
  readonly requests: RequestRecorder;
  /** The rows that the trust check compares with; null for a model without it. */
  readonly reference: ReferenceRows | null;
  /**
   * Decodes a row as `predictRow` does, and neither predicts nor records it.
   * @returns its values in feature order, valid until the next call of any method; NaN is a missing value
   * @throws TepalError INVALID_INPUT with every problem
   */
  decodeRow(body: unknown): Float64Array;
  /**
   * Keeps the predictor's metric series open during a stream, which may last longer than the model is served.
   * @returns releases it; to be called when the stream has ended. Idempotent.
   */
  hold(): () => void;
  /** Closes the metric series, and the engine of a model that onnxruntime computes, once nothing holds the predictor. */
  close(): void;
}

/** Predicts with Tepal's own executor, in the same turn of the event loop. */
export interface Predictor extends PredictorBase {
  readonly engine: "tepal";
  /**
   * Predicts one row, `{"feature": value, …}`.
   * @param sinceSeconds time at which decoding began, if that was before the call
   * @throws TepalError INVALID_INPUT with every problem, or OUT_OF_DISTRIBUTION, UNCHECKED_INPUT or UNKNOWN_CATEGORY if a policy rejects the row
   */
  predictRow(body: unknown, sinceSeconds?: number): Predictions;
  /**
   * Predicts `{"instances": [row, …]}`, where each row is an object or an array in feature order.
   * @throws TepalError as `predictRow`; then no row is predicted
   */
  predictBatch(body: unknown, sinceSeconds?: number): Predictions;
  /**
   * Predicts a row like `predictRow`, but from the bytes of the body, without parsed objects.
   * @param limit the largest size of a body in bytes, which bounds its values as in `parseStrictJson`
   * @returns undefined for a body that must be parsed, for example an invalid one
   * @throws TepalError if a policy rejects the row
   */
  predictRowBytes(body: Buffer, limit: number, sinceSeconds?: number): Predictions | undefined;
  /** Predicts rows like `predictBatch`, but from the bytes of the body, as `predictRowBytes` does. */
  predictBatchBytes(body: Buffer, limit: number, sinceSeconds?: number): Predictions | undefined;
  /**
   * Checks, predicts and records decoded rows of a stream. A row that a policy rejects is not recorded as a prediction, and `rejected`
   * has its reason.
   * @param values row-major, `count` rows in feature order; NaN is a missing value
   * @param warnings holds those of decoding; the check adds its own
   */
  predictRows(values: Float64Array, count: number, warnings: RowWarnings): StreamPredictions;
  /**
   * Checks and predicts rows as `predictRows` does, without recording them: for examples in documentation.
   * @param rows in feature order; null is a missing value
   */
  preview(rows: readonly (readonly (number | null)[])[]): StreamPredictions;
}

/** The predictions of another engine, which arrive later. They own their arrays. */
export interface RemotePredictor extends PredictorBase {
  readonly engine: "onnxruntime";
  /**
   * Does what `Predictor.predictRow` does.
   * @throws TepalError as it does; INVALID_INPUT also if the graph fails for this row; ENGINE_FAILED, ENGINE_TIMEOUT or ENGINE_OVERLOADED
   */
  predictRow(body: unknown, sinceSeconds?: number): Promise<Predictions>;
  /** Does what `Predictor.predictBatch` does. @throws TepalError as `predictRow` */
  predictBatch(body: unknown, sinceSeconds?: number): Promise<Predictions>;
  /** Does what `Predictor.predictRows` does. Rows for which the graph fails are in `rejected`. @throws TepalError of the engine */
  predictRows(
    values: Float64Array,
    count: number,
    warnings: RowWarnings,
  ): Promise<StreamPredictions>;
  /** Does what `Predictor.preview` does. @throws TepalError as `predictRow` */
  preview(rows: readonly (readonly (number | null)[])[]): Promise<StreamPredictions>;
  /** Ends the process of the engine. Requests in progress fail with ENGINE_FAILED. Idempotent. */
  stop(): Promise<void>;
}

/** A format of rows in a stream or a file: CSV (RFC 4180) or one JSON object per line. */
export type RowFormat = "csv" | "ndjson";
