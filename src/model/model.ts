/**
 * Models: on disk, in memory, and in a folder of many.
 *
 * On disk a model version is a directory (`artifact.ts`) with an ONNX graph, a manifest, the reference of the trust check,
 * and golden pairs. Nothing in it is trusted: sizes, digests and contents are checked, and a version is loaded only after
 * it reproduces its golden pairs.
 *
 * In memory it is a `LoadedModel`: its `Manifest` and an `Executor` for its graph. The executor of tree ensembles
 * (`executor/`) works on typed arrays, so that a prediction for one row takes microseconds.
 *
 * A graph that Tepal does not compute has a `RemoteExecutor`: onnxruntime-node, in a process of its own (`engine/`).
 *
 * Large files take seconds to read and check, so a thread does it (`loading/`), and the executor and the trust check receive
 * typed arrays by transfer.
 *
 * A `Registry` holds the models of one folder. It loads new and changed versions, keeps serving what it has when a new
 * version is invalid, and selects the version and the model that answer a request.
 */
import type { ErrorCode } from "../kernel/errors.ts";
import type { Guard } from "../guard/guard.ts";
import type { Manifest } from "./manifest.ts";

export type Task = "classification" | "regression";

/** Names of the classes, in the order of the scores. ONNX supports integers and strings. */
export type ClassLabels = readonly number[] | readonly string[];

/**
 * Computes predictions synchronously. The same rows give the same bits. An executor has no observable state, but it keeps
 * buffers: it must not be shared between threads.
 */
export interface Executor {
  readonly task: Task;
  /** Number of columns of a row. */
  readonly features: number;
  /** Classification: number of classes (≥ 2). Regression: number of targets (≥ 1). */
  readonly outputs: number;
  /** Empty for regression. */
  readonly classes: ClassLabels;
  /**
   * Predicts `count` rows. Throws no error and checks no lengths: the arrays must be large enough.
   *
   * @param rows row-major, `count × features` numbers; NaN is a missing value. Rounded to float32 first when the input of
   *   the graph is float32. Not changed.
   * @param scores receives `count × outputs` numbers: probabilities, or other results of the graph's post-transform; for
   *   regression, the targets
   * @param labels receives `count` indexes into `classes`; unchanged for regression
   */
  run(rows: Float64Array, count: number, scores: Float32Array, labels: Int32Array): void;
  /** Distinguishes it from a `RemoteExecutor`. */
  readonly close?: undefined;
}

/** The engines that compute models: Tepal's own executors, or onnxruntime-node in a process of its own. */
export const ENGINES = ["tepal", "onnxruntime"] as const;
export type Engine = (typeof ENGINES)[number];

/** The reason why the process of an engine ended too early. */
export const ENGINE_FAILURES = ["crash", "timeout", "memory"] as const;
export type EngineFailure = (typeof ENGINE_FAILURES)[number];

/** The errors of requests that an engine did not compute, though its graph may. */
const ENGINE_ERRORS: ReadonlySet<string> = new Set<ErrorCode>([
  "ENGINE_FAILED",
  "ENGINE_TIMEOUT",
  "ENGINE_OVERLOADED",
]);

/** @param code the code of a TepalError */
export function isEngineError(code: string): boolean {
  return ENGINE_ERRORS.has(code);
}

/** @param message one sentence for the log */
export type FailureListener = (failure: EngineFailure, message: string) => void;

/**
 * The executor of a model that onnxruntime computes in another process. `run` may be called before earlier calls have resolved. It computes
 * on one thread: the same rows give the same bits.
 */
export interface RemoteExecutor extends Omit<Executor, "run" | "close"> {
  /**
   * Predicts rows as `Executor.run` does; `rows` may change meanwhile.
   * @throws TepalError INVALID_INPUT if the graph fails for these rows; ENGINE_FAILED, ENGINE_TIMEOUT or ENGINE_OVERLOADED
   */
  run(rows: Float64Array, count: number, scores: Float32Array, labels: Int32Array): Promise<void>;
  /** Registers a function that is called when its process ends too early: it crashed, or exceeded a limit. */
  onFailure(listener: FailureListener): void;
  /** Ends its process. Calls in progress fail with ENGINE_FAILED. Idempotent. */
  close(): Promise<void>;
}

export type AnyExecutor = Executor | RemoteExecutor;

/** True for an executor whose `run` returns a promise. */
export function isRemote(executor: AnyExecutor): executor is RemoteExecutor {
  return executor.close !== undefined;
}

/** A model version in memory, ready to predict. `E`: its kind of executor; `AnyExecutor` for one that is read from files. */
export interface LoadedModel<E = Executor> {
  /** The directory that it was loaded from; null for a model in memory. */
  readonly directory: string | null;
  readonly manifest: Manifest;
  /** A `RemoteExecutor` if the manifest states another engine: then `run` returns a promise, and the owner of the model calls `close`. */
  readonly executor: E;
  /** The trust check; null when the model has none. Must not be shared between threads. */
  readonly guard: Guard | null;
  /** A typical row in feature order, for documentation: the input of the first golden pair. Null is a missing value. */
  readonly example: readonly (number | null)[];
}

/**
 * State of a version:
 * - READY: it can serve.
 * - FAILED: it could not be loaded; the reason is in `VersionStatus`. Older versions keep serving.
 * - NOT_LOADED: it is older than the newest versions that can be loaded, of which `--load-versions` keeps some.
 */
export type VersionState = "READY" | "FAILED" | "NOT_LOADED";

export interface VersionStatus {
  readonly version: number;
  readonly state: VersionState;
  /**
   * The reason why it is not READY. For a READY version, the reason why its changed files were rejected or why it serves
   * although its folder is missing, else null.
   */
  readonly reason: string | null;
  /** Milliseconds since 1970-01-01 UTC; null unless READY. */
  readonly loadedAtMs: number | null;
}

export interface ModelStatus {
  readonly name: string;
  /** Ascending. */
  readonly versions: readonly VersionStatus[];
  /** The highest READY version; null when there is none. */
  readonly serving: number | null;
  /** True if it answers requests that name no model. */
  readonly isDefault: boolean;
}

/** The changes of a reload, for logs and metrics. */
export interface ModelChanges {
  readonly loaded: readonly { readonly name: string; readonly version: number }[];
  readonly failed: readonly {
    readonly name: string;
    readonly version: number;
    readonly reason: string;
  }[];
  readonly removed: readonly { readonly name: string; readonly version: number }[];
  /** Problems of other files that could not be read; their earlier content stays in use. */
  readonly unreadable: readonly string[];
}

/**
 * The models of one folder. `T` is the owner's view of a loaded model, created by its hook `prepare`: the registry stores
 * it with the version, returns it, and disposes of it when the version is removed or replaced.
 */
export interface Registry<T> {
  /**
   * Reads the folder again, loads new and changed versions, and removes deleted ones. Concurrent calls run one after the other.
   *
   * What serves is never removed without a replacement. A version that cannot be loaded is reported and takes no other's
   * place. The serving version stays until another one of its model is loaded, unless the whole model was deleted; and the
   * default model stays until another one is the default.
   *
   * Versions are read and checked in a thread (`loading/`), one after the other.
   *
   * @throws TepalError MODEL_NOT_FOUND when the folder itself cannot be read, or has no model any more; CANCELLED after `close`; then
   *   nothing changes
   */
  reload(): Promise<ModelChanges>;
  /**
   * Returns a version of a model: by default the serving version of the default model.
   *
   * @throws TepalError MODEL_NOT_FOUND when the model or the version does not exist, MODEL_NOT_READY when it cannot serve
   */
  find(name?: string, version?: number): T;
  /** Returns all READY versions. */
  ready(): readonly T[];
  /** Returns the status of all models, sorted by name. */
  list(): readonly ModelStatus[];
  /** Returns true if the default model can serve. */
  isReady(): boolean;
  /** Returns advice about the default model for the user; null for an undisputed one. */
  defaultNotice(): string | null;
  /** Cancels a reload in progress. What is loaded continues to serve. Idempotent. */
  close(): Promise<void>;
}
