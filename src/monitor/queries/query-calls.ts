import type { MonitorInfo, QueryLimits } from "../api/api.ts";
import type { TransferableReply } from "../handle-request.ts";
import type { ApiRequest } from "../monitor.ts";
import type { SyncLink } from "./sync-calls.ts";

/** The `workerData` of the query thread. */
export interface QueryThreadData {
  /** Calls to the monitor thread. */
  readonly history: SyncLink;
  readonly limits: QueryLimits;
  readonly info: MonitorInfo;
}

/** Calls of the monitor thread to the query thread. */
export interface QueryCalls {
  handle(argument: {
    readonly request: ApiRequest;
    readonly waitedSeconds: number;
  }): TransferableReply;
}

/** Calls of the query thread to the monitor thread, besides those of its history link. */
export interface QueryThreadEvents {
  /** Logs an error that is a bug. */
  logError(message: string): void;
}
