import type { Random } from "../../kernel/random.ts";

/** One of many concurrent users, with its own connection and its own random numbers. */
export interface VirtualUser {
  /** Number of the user, from 0, over all generators. */
  readonly id: number;
  /** Repeats its numbers for the same user and `--seed`. */
  readonly random: Random;
  /** Sends a GET request. Resolves with the reply; never rejects for a failed request. */
  get(path: string, options?: RequestOptions): Promise<Reply>;
  /** Sends a POST request, as `get`. */
  post(path: string, options?: RequestOptions): Promise<Reply>;
  /** Sends a request with any method, as `get`. */
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** Waits. Resolves early if the run stops. */
  sleep(seconds: number): Promise<void>;
}

export interface RequestOptions {
  /** Sent as JSON, with its content type. */
  readonly json?: unknown;
  /** Sent unchanged. */
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Name of the endpoint in the report. @default the path without its query */
  readonly name?: string;
  /** Time limit of the whole request. @default --timeout */
  readonly timeoutSeconds?: number;
  /** Statuses that count as a success. @default all below 400 */
  readonly expect?: readonly number[];
}

/** The reply to a request, or what is known of a failed one. */
export interface Reply {
  /** HTTP status; 0 without a reply. */
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** True if the request counts as a success so far. */
  readonly ok: boolean;
  /** Service time: from sending to the complete reply. */
  readonly seconds: number;
  text(): string;
  /** @throws SyntaxError if the body is not JSON */
  json<T = unknown>(): T;
}
