import type { SavedExemplar } from "../metrics/metrics.ts";
import type { ApiReply, ApiRequest, LogLevel, MonitorStatistics } from "./monitor.ts";
import type { MonitorOptions } from "./options.ts";

/** The `workerData` of the monitor thread. */
export interface ThreadData {
  readonly options: MonitorOptions;
  readonly version: string;
  readonly url: string;
  readonly publicUrl: string;
  /** Time before the server counted anything; undefined for a thread that replaces another one. */
  readonly zeroMs: number | undefined;
  /** An Int32 that is above 0 once the monitor closes. It ends the current query of a rule, which no message can interrupt. */
  readonly closing: SharedArrayBuffer;
}

/** Calls of the main thread to the monitor thread. */
export interface ThreadCalls {
  handle(request: ApiRequest): Promise<ApiReply>;
  /** Reads the rule files again. @returns the problem */
  reload(): Promise<string | undefined>;
  /** Writes the history and ends the thread. */
  close(): Promise<void>;
}

/** Calls of the monitor thread to the main thread. */
export interface MainCalls {
  /** Notifies that the history has been read. */
  setReady(): void;
  /** Renders the server's own metrics in the Prometheus text format. */
  renderMetrics(): Promise<string>;
  /** Returns the exemplars of the server's own metrics, as they were at the last rendering. */
  listExemplars(): readonly SavedExemplar[];
  log(entry: LogEntry): void;
  publishStatistics(statistics: MonitorStatistics): void;
}

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
}
