import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "../kernel/clock.ts";
import type { Metrics, SavedExemplar } from "../metrics/metrics.ts";
import type { MonitorOptions } from "./options.ts";
import type { RemoteWriteStatistics } from "./remote-write/remote-write.ts";

/**
 * The built-in monitor: recent history of this server and of other scrape targets, PromQL over it, and alerts, without any other
 * program.
 *
 *     main thread                        monitor thread                                     query thread
 *     own metrics ──► exposition ──►     scraper ──► store (memory, disk) ──► samples ──►   api/: PromQL, JSON, gzip
 *                                          rules ──► alerts ──► webhooks                      │
 *     /prometheus/api/v1/… ──► request ──► queue ──────────────────────────────────────►    one request after the other
 *                             ◄── reply ◄──────────────────────────────────────────────
 *
 * The monitor thread scrapes, keeps the history and evaluates rules. The query thread replies to requests: it reads samples by calls to
 * the monitor thread, which takes them between its own work. So queries delay neither predictions nor scrapes nor rules. They delay each
 * other, because they take turns. A query cannot end more than its thread, which is started again: the bytes that it holds are counted
 * before they are allocated, its heap is limited, and a thread that misses the time limit is terminated. The main thread gets the bytes
 * of replies by transfer, without a copy.
 *
 * A monitor thread that dies is logged and restarted with back-off. It recovers the history that was sealed on disk. Its end never
 * affects the server; meanwhile requests get the error `unavailable`.
 */
export interface Monitor {
  /**
   * Checks the receivers and rule files that the options name. Called at the start of a server, so that problems end it; later
   * ones are only logged.
   *
   * @throws TepalError INVALID_OPTION for a receiver; INVALID_RULES with all problems in the rule files
   */
  check(): Promise<void>;
  /** Starts the thread. Requests wait until it has read its history. */
  start(): void;
  /** Sends a request to the API. Never rejects: an error is in the reply, as in Prometheus. */
  request(request: ApiRequest): Promise<ApiReply>;
  /**
   * Reads the rule files and the file of webhook URLs again. What cannot be read stays as it was, which is logged.
   * @returns the problem; undefined if the rules were read, or will be when the thread starts
   */
  reload(): Promise<string | undefined>;
  /** Returns true once the thread has read its history and replies. */
  isReady(): Promise<boolean>;
  /** Ends the thread after it has written its history, within seconds. Idempotent. */
  close(): Promise<void>;
}

export interface MonitorParts {
  readonly options: MonitorOptions;
  readonly logger: Pick<FastifyBaseLogger, LogLevel>;
  readonly clock: Clock;
  /** The monitor's own metrics are recorded here. */
  readonly metrics: Metrics;
  /** Tepal's version. */
  readonly version: string;
  /** Returns the server's URL, for example http://127.0.0.1:8000. Its host and port are the label `instance` of its series. */
  url(): string;
  /** Returns the server's URL as other machines reach it, for links in notifications. */
  publicUrl(): string;
  /** Renders the server's own metrics in the Prometheus text format. */
  renderMetrics(): Promise<string>;
  /** Returns the exemplars of the server's own metrics, as they were at the last rendering. */
  listExemplars(): readonly SavedExemplar[];
}

/** A request to the API in the form of HTTP. Can be sent between processes as JSON. */
export interface ApiRequest {
  /** Below `/api/v1/`, decoded: `query`, `label/job/values`; or `/federate`, and those below `/admin/` and `/alertmanager/`. */
  readonly path: string;
  /** `a=1&b=2`: the form, then the query string. */
  readonly parameters: string;
  /** True if the reply may be compressed. */
  readonly gzip: boolean;
  /** Default: GET. Only paths that begin with a slash distinguish methods. */
  readonly method?: string;
  /** JSON of the body, for the same paths. */
  readonly body?: unknown;
}

export interface ApiReply {
  readonly status: number;
  readonly contentType: string;
  /** Text in UTF-8, compressed if `gzip` is true. */
  readonly body: Uint8Array;
  readonly gzip: boolean;
}

/** Statistics of the thread, for metrics. Counts start at 0 with each thread. */
export interface MonitorStatistics {
  readonly series: number;
  readonly bytes: number;
  readonly samples: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Undefined without `--remote-write`. */
  readonly remoteWrite: RemoteWriteStatistics | undefined;
}

/** Why the monitor has not stored a sample. */
export type DropReason = "series_limit" | "drift_limit" | "duplicate" | "late" | "ahead";

export type LogLevel = "info" | "warn" | "error";
