import type { EngineOptions } from "../model/engine/options.ts";
import type { ServingOptions } from "../serving/options.ts";
import type { RowCounts } from "../serving/row-lines.ts";
import type { RowFormat } from "../serving/serving.ts";
import type { CsvDialect } from "../tabular/csv-dialect.ts";
import type { TextEncoding } from "../kernel/text-encoding.ts";

/**
 * Scoring predicts the rows of a file without a server.
 *
 * The file is split into blocks at record boundaries. Threads score the blocks with the row stream that serves HTTP too,
 * and the lines are written in the order of the file. A run that is cancelled or killed resumes from its last checkpoint.
 */
export interface ScoreRequest {
  /** Input file; `.gz`, `.br` and `.zst` are decompressed. */
  readonly file: string;
  /** Output file; null for standard output, which cannot be resumed. */
  readonly out: string | null;
  /** Folder of the model version. */
  readonly model: string;
  readonly input: RowFormat;
  readonly output: RowFormat;
  /** The given part of the input's form; the rest is detected. */
  readonly form: { readonly [K in keyof InputForm]?: InputForm[K] | undefined };
  readonly onBadRow: "skip" | "stop";
  readonly serving: ServingOptions;
  /** Limits of a model that onnxruntime computes. @default those of the options */
  readonly engine?: EngineOptions;
  /** Number of threads. */
  readonly jobs: number;
  /** Starts over instead of resuming an earlier run. */
  readonly restart: boolean;
  /** Version of Tepal. A run does not resume with another version, which may write different lines. */
  readonly tool: string;
}

/** The form of the input. Delimiter and decimal mark have a meaning for CSV only. */
export interface InputForm extends CsvDialect {
  readonly encoding: TextEncoding;
}

export interface ScoreHooks {
  readonly signal?: AbortSignal;
  /** @param share fraction of the file that is scored, from 0 to 1 */
  readonly onProgress?: (share: number) => void;
  /** Receives warnings about the model and the input's columns, before the first row. */
  readonly onWarning?: (message: string) => void;
  /** Receives the form that was detected for the input, if it is not the usual one, and the line from which a run resumes. */
  readonly onNotice?: (message: string) => void;
}

export interface ScoreSummary {
  /** Name and version, for example `iris version 1`. */
  readonly model: string;
  /** False if the reader of standard output ended before the last row. */
  readonly isComplete: boolean;
  /** Rows of the whole file, including those that earlier runs scored. */
  readonly counts: RowCounts;
  /** Rows that this run scored. */
  readonly rows: number;
  /** Duration of this run. */
  readonly seconds: number;
}

/** A position from which scoring can resume. */
export interface ScorePosition {
  /** Bytes of the decompressed input before it. */
  readonly offset: number;
  /** Line number at that offset, from 1. */
  readonly line: number;
  /** Bytes of output before it. */
  readonly written: number;
  /** Rows before it. */
  readonly counts: RowCounts;
}

/** Start data of a scoring thread. */
export interface ScoreJob {
  readonly request: ScoreRequest;
  readonly form: InputForm;
  /** Column names of a CSV input; undefined for NDJSON. */
  readonly header: readonly string[] | undefined;
}

/** A piece of the input that ends at a record boundary. */
export interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of its first line. */
  readonly line: number;
  /** Offset and line number after the block. */
  readonly end: { readonly offset: number; readonly line: number };
}

/** A block for a scoring thread. Its buffers are transferred to the thread and back: collecting new ones as garbage would be expensive. */
export interface ScoreTask extends Pick<Block, "bytes" | "line"> {
  /** Buffer for the lines, if they fit. */
  readonly spare: ArrayBuffer;
}

/** The result of a scoring thread. */
export interface ScoreReply {
  readonly result: BlockResult;
  /** The buffer of the block. */
  readonly input: ArrayBuffer;
}

/** The scored lines of a block. */
export interface BlockResult {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly counts: RowCounts;
  /** True if a bad row ended the block, and with it the run (`--on-bad-row stop`). */
  readonly isStopped: boolean;
}
