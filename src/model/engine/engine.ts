import type { CompiledPipeline } from "../pipeline/pipeline.ts";
import type { ClassLabels, Task } from "../model.ts";

/**
 * Graphs that Tepal does not compute itself, through the optional package onnxruntime-node.
 *
 * A model has a process of its own, since the graph is not trusted: a crash of native code, a graph that computes for minutes, or one that
 * takes all memory, ends that process and not the server.
 *
 *     server                                        engine process
 *     remote-executor.ts ─► engine-client.ts ─────► engine-process.ts ─► session.ts ─► onnxruntime-node
 *     (rows of numbers)     (queue, time limit,     (inputs and outputs)
 *                            restart)               watchdog.ts, a thread: memory limit, end of the server
 *
 * - The client sends requests in their order and limits the time of each. A process that is too slow, too large or that crashes is replaced:
 *   at once, and after three quick ends in a row after 1, 2, 4 … 30 s. Requests that it had received fail with ENGINE_FAILED or
 *   ENGINE_TIMEOUT; those that still wait are sent to the next process.
 * - The process has no secrets in its environment, and gets the graph as bytes. A graph that refers to other files is rejected
 *   (`check-external-data.ts`). It is no sandbox: it has the permissions of the server.
 * - It ends with the server, also if that is killed.
 *
 * onnxruntime computes on one thread, so that the same row has the same result beside any other work.
 */
export interface EngineGraph {
  /** The ONNX file, without the ZipMap operators before its outputs. */
  readonly bytes: Uint8Array;
  readonly task: Task;
  /** Number of columns of a row: those of all inputs, in the order of the graph. */
  readonly features: number;
  readonly inputs: readonly EngineInput[];
  /** Name of the output with the class of each row; null for regression. */
  readonly label: string | null;
  /** Name of the output with the scores or targets. */
  readonly scores: string;
  /** Number of classes or targets; 0 if it is not known yet. */
  readonly outputs: number;
  readonly classes: ClassLabels;
  /** True if the graph states that it takes one row, so that each row is a run of its own. */
  readonly takesOneRow: boolean;
}

/** An input of the graph. `categories`: of strings, one list per column; a row has the index of its string, or −1 for any other. */
export type EngineInput = Pick<
  CompiledPipeline["inputs"][number],
  "name" | "type" | "width" | "firstFeature" | "categories"
> & {
  /** True for a tensor of one dimension. */
  readonly isVector: boolean;
};

/** Calls of the server to an engine process. It handles one after the other. */
export interface EngineCalls {
  /** Creates the session. @throws TepalError MODEL_UNSUPPORTED if onnxruntime rejects the graph */
  load(task: EngineTask): Promise<void>;
  /** Predicts rows. @throws TepalError INVALID_INPUT if the graph fails for these rows */
  run(rows: EngineRows): Promise<EngineOutputs>;
}

export interface EngineTask {
  /** Without the file, which arrives on a pipe: a message of that size would stall the server. */
  readonly graph: Omit<EngineGraph, "bytes">;
  /** Size of the file. */
  readonly size: number;
  /** Path of the entry file of onnxruntime-node. */
  readonly runtime: string;
  /** Largest resident memory of the process. */
  readonly memoryBytes: number;
}

export interface EngineRows {
  /** Row-major, `count × features` numbers. */
  readonly values: Float64Array;
  readonly count: number;
}

export interface EngineOutputs {
  /** `count × outputs` numbers. */
  readonly scores: Float32Array;
  /** Indexes into the classes; empty for regression. */
  readonly labels: Int32Array;
}

/** Start data of the watchdog thread. */
export interface WatchTask {
  readonly memoryBytes: number;
  /** Process id of the server. */
  readonly parent: number;
}

/** The pipe on which an engine process states why it ends. */
export const REASON_DESCRIPTOR = 4;
/** The pipe on which it receives the file. */
export const FILE_DESCRIPTOR = 5;
