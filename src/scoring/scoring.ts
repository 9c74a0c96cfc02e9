import type { ServingOptions } from "../serving/options.ts";
import type { RowCounts } from "../serving/row-stream.ts";
import type { RowFormat } from "../serving/encode/row-writer.ts";

/**
 * Scoring predicts a file's rows without a server: the file is cut into blocks at the borders of its records, threads make
 * the lines of each block with the row stream that serves HTTP too, and the lines are written in the file's order.
 */
export interface ScoreRequest {
  readonly file: string;
  /** Where the lines go; null is the standard output, which cannot be resumed. */
  readonly out: string | null;
  /** Directory of the model version. */
  readonly model: string;
  readonly input: RowFormat;
  readonly output: RowFormat;
  readonly delimiter: string;
  readonly onBadRow: "skip" | "stop";
  readonly serving: ServingOptions;
  /** Number of threads. */
  readonly jobs: number;
  /** Begins anew, whatever an earlier run has left. */
  readonly restart: boolean;
  /** What writes the lines: another version may write others. */
  readonly tool: string;
}

export interface ScoreHooks {
  readonly signal?: AbortSignal;
  /** @param share of the file that is done, 0 to 1 */
  readonly onProgress?: (share: number) => void;
  /** Told what people should know before the first row. */
  readonly onRemark?: (remark: string) => void;
}

export interface ScoreSummary {
  /** Of the whole file, also of the part that an earlier run did. */
  readonly counts: RowCounts;
  /** Of this run. */
  readonly rows: number;
  readonly seconds: number;
}

/** How far a file is scored: what is needed to go on from there. */
export interface ScorePosition {
  /** Bytes of the unpacked input that are done. */
  readonly offset: number;
  /** Number of the line that begins there. */
  readonly line: number;
  /** Bytes of output that belong to them. */
  readonly written: number;
  readonly counts: RowCounts;
}

/** What a thread is started with. */
export interface ScoreJob {
  readonly request: ScoreRequest;
  readonly header: readonly string[] | undefined;
}

/** A piece of the input that ends with a record. */
export interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of its first line. */
  readonly line: number;
  /** The offset and line behind it. */
  readonly end: { readonly offset: number; readonly line: number };
}

/** What became of a block. */
export interface BlockResult {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly counts: RowCounts;
  /** Whether a bad row has ended it, and with it the run. */
  readonly isStopped: boolean;
}
