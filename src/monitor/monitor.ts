/**
 * The monitor built in: recent history of this server and of what else it scrapes, PromQL over it, and alerts, with no other
 * program. This file is the room's door.
 *
 *     main thread                          the monitor's thread
 *     /metrics of its own  ──► page ──►    scraper ──► store (memory, disk) ──► PromQL ──► alerts ──► webhooks
 *     /prometheus/api/v1/… ──► ask  ──►    api/, one request after the other
 *                          ◄── reply ──
 *
 * One worker thread has everything that takes time: history, scraping, queries, alerts, writing JSON and packing it. The
 * main thread renders its own page when the thread asks for it, hands requests on and gets bytes back, which change hands
 * and are not copied. So predictions do not feel a query; queries feel each other, because they take turns, and a scrape or
 * an evaluation of rules waits at most for the query that is running.
 *
 * A thread that dies is logged and replaced, after a while that doubles; what it had sealed on disk is there again. It
 * never takes the server with it, and meanwhile requests are answered with `unavailable`.
 */
import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "../kernel/clock.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { MonitorOptions } from "./options.ts";

export interface Monitor {
  /**
   * Whether alerts can be made of what the options name. For the start of a server, when somebody is there to mend it: later,
   * what is wrong is logged.
   *
   * @throws TepalError INVALID_OPTION for a receiver; INVALID_RULES with all that is wrong in the rule files
   */
  check(): Promise<void>;
  /** Starts the thread; what is asked from now on waits until it has read its history. */
  start(): void;
  /** Never throws: what goes wrong is in the reply, as in Prometheus's. */
  ask(request: ApiRequest): Promise<ApiReply>;
  /** Reads the rule files again; what is wrong with them is logged. */
  reload(): void;
  /** Whether the thread has read its history and answers. */
  isReady(): Promise<boolean>;
  /** Ends the thread after it has written what it has; within seconds, whatever it does. Idempotent. */
  close(): Promise<void>;
}

export interface MonitorParts {
  readonly options: MonitorOptions;
  readonly logger: Pick<FastifyBaseLogger, "info" | "warn" | "error">;
  readonly clock: Clock;
  /** Where the monitor counts what becomes of it. */
  readonly metrics: Metrics;
  /** Tepal's version. */
  readonly version: string;
  /** The server's address, such as http://127.0.0.1:8000; its host and port are its series' label `instance`. */
  url(): string;
  /** The server's own page in the Prometheus text format. */
  renderPage(): Promise<string>;
}

/** A request to the API, as HTTP brought it. Passes through JSON between processes. */
export interface ApiRequest {
  /** Below `/api/v1/`, decoded: `query`, `label/job/values`. */
  readonly path: string;
  /** `a=1&b=2`: the form, then what the address has. */
  readonly parameters: string;
  /** Whether the reply may be packed. */
  readonly gzip: boolean;
}

export interface ApiReply {
  readonly status: number;
  /** JSON in UTF-8. */
  readonly body: Uint8Array;
  /** Whether the body is packed. */
  readonly gzip: boolean;
}

/** What the thread is started with. */
export interface ThreadTask {
  readonly options: MonitorOptions;
  readonly version: string;
  readonly url: string;
  /** An Int32: above 0 when the monitor closes, which ends a query that runs. */
  readonly closing: SharedArrayBuffer;
}

/** What the main thread says. */
export type ToThread =
  | {
      readonly kind: "ask";
      readonly id: number;
      readonly request: ApiRequest;
      /** Milliseconds since 1970. */
      readonly askedMs: number;
    }
  | { readonly kind: "page"; readonly id: number; readonly text: string }
  | { readonly kind: "no page"; readonly id: number; readonly reason: string }
  /** Read the rules again. */
  | { readonly kind: "reload" }
  /** Write what there is and end. */
  | { readonly kind: "close" };

/** What the thread says. */
export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "reply"; readonly id: number; readonly reply: ApiReply }
  | { readonly kind: "wanted page"; readonly id: number }
  | { readonly kind: "log"; readonly level: LogLevel; readonly message: string }
  | { readonly kind: "figures"; readonly figures: Figures };

export type LogLevel = "info" | "warn" | "error";

/** What the monitor has and what it did not take, as its metrics tell it. Counts are since the thread began. */
export interface Figures {
  readonly series: number;
  readonly bytes: number;
  readonly samples: number;
  readonly dropped: Readonly<Record<"series_limit" | "duplicate" | "late", number>>;
}
