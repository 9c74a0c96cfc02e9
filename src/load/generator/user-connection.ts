import type { Client } from "undici";
import type { Reply, RequestOptions } from "../script/virtual-user.ts";
import { Exchange, type ExchangeOwner } from "./exchange.ts";
import { isForHost, type HostHeaders } from "./http-options.ts";
import { RequestTimeout } from "./failure-kinds.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Tally } from "./tally.ts";

/** The parts that all connections of a generator share. */
export interface ConnectionEnvironment {
  readonly scheduler: Scheduler;
  readonly tally: Tally;
  readonly timeoutSeconds: number;
  readonly headers: HostHeaders | null;
  /** Opens the connection to an origin. */
  connect(origin: string): Client;
  /** Records how late a step began. */
  late(seconds: number): void;
}

const NO_OPTIONS: RequestOptions = {};
const NO_HEADERS: HostHeaders["values"] = {};
const JSON_TYPE = { "content-type": "application/json" };
/** A timer may fire this much early. */
const TIMER_TOLERANCE_SECONDS = 0.001;

/**
 * The connection of a user, with its requests. A finished request is counted with the next request or at the end of the task, since a
 * check of the script may still make it a failure.
 */
export class UserConnection implements ExchangeOwner {
  /** Number of requests so far. */
  sent = 0;
  readonly #environment: ConnectionEnvironment;
  readonly #origin: string;
  /** Path of the host, which comes before the path of each request. */
  readonly #prefix: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #jsonHeaders: Readonly<Record<string, string>>;
  #client: Client | undefined;
  #inFlight: Exchange | undefined;
  /** Further requests in flight, of a script that does not wait for its replies. */
  readonly #moreInFlight = new Set<Exchange>();
  /** Finished, but not counted yet. */
  #finished: Exchange | undefined;
  readonly #moreFinished: Exchange[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Time of the next check for timeouts. */
  #timerAt = Infinity;

  constructor(host: string, environment: ConnectionEnvironment) {
    const { headers } = environment;
    const { origin, pathname } = new URL(host);
    this.#origin = origin;
    this.#prefix = pathname.replace(/\/$/, "");
    this.#environment = environment;
    this.#headers = headers !== null && isForHost(headers, host) ? headers.values : NO_HEADERS;
    this.#jsonHeaders = { ...JSON_TYPE, ...this.#headers };
  }

  /** @param due due time, by the scheduler; undefined in a closed model */
  request(
    method: string,
    path: string,
    options: RequestOptions | undefined,
    due: number | undefined,
  ): Promise<Reply> {
    this.count();
    this.sent += 1;
    return new Promise((resolve) => {
      const begun = this.#environment.scheduler.now();
      if (due !== undefined) this.#environment.late(begun - due);
      const deadline = begun + (options?.timeoutSeconds ?? this.#environment.timeoutSeconds);
      const name = options?.name ?? toName(path);
      const { expect } = options ?? NO_OPTIONS;
      const exchange = new Exchange(this, method, name, begun, due, deadline, expect, resolve);
      if (this.#inFlight === undefined) this.#inFlight = exchange;
      else this.#moreInFlight.add(exchange);
      const json = options?.json;
      const own = json === undefined ? this.#headers : this.#jsonHeaders;
      const body = json === undefined ? (options?.body ?? null) : JSON.stringify(json);
      const headers = options?.headers === undefined ? own : { ...own, ...options.headers };
      this.#client ??= this.#environment.connect(this.#origin);
      const whole = this.#prefix === "" ? path : toPath(this.#prefix, path);
      this.#client.dispatch({ method, path: whole, headers, body }, exchange);
      if (deadline < this.#timerAt) this.#setTimer(deadline, begun);
    });
  }

  now(): number {
    return this.#environment.scheduler.now();
  }

  finish(exchange: Exchange): void {
    // A request that is in neither was abandoned.
    if (this.#inFlight === exchange) this.#inFlight = undefined;
    else if (!this.#moreInFlight.delete(exchange)) return;
    if (this.#finished === undefined) this.#finished = exchange;
    else this.#moreFinished.push(exchange);
  }

  /** Counts the finished requests. */
  count(): void {
    if (this.#finished === undefined) return;
    this.#environment.tally.record(this.#finished);
    this.#finished = undefined;
    for (const exchange of this.#moreFinished.splice(0)) this.#environment.tally.record(exchange);
  }

  /** Counts the requests in flight as abandoned, and closes the connection. */
  destroy(): void {
    this.count();
    for (const exchange of this.#listInFlight()) {
      this.#environment.tally.abandon(exchange.method, exchange.name);
    }
    this.#inFlight = undefined;
    this.#moreInFlight.clear();
    clearTimeout(this.#timer);
    void this.#client?.destroy();
    this.#client = undefined;
  }

  #listInFlight(): Exchange[] {
    return [...(this.#inFlight === undefined ? [] : [this.#inFlight]), ...this.#moreInFlight];
  }

  /** Sets the one timer of all requests to the first deadline. */
  #setTimer(deadline: number, now: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(this.#endTimeouts, Math.max(1, Math.ceil((deadline - now) * 1_000)));
  }

  readonly #endTimeouts = (): void => {
    const now = this.now();
    this.#timerAt = Infinity;
    for (const exchange of this.#listInFlight()) {
      if (exchange.deadline > now + TIMER_TOLERANCE_SECONDS) continue;
      // A request that still waits for the connection can be cancelled only with the connection.
      if (!exchange.cancel(new RequestTimeout())) {
        const client = this.#client;
        this.#client = undefined;
        void client?.destroy();
      }
    }
    const next = Math.min(...this.#listInFlight().map(({ deadline }) => deadline));
    if (next < Infinity) this.#setTimer(next, now);
  };
}

/** undici rejects a path without a slash. */
function toPath(prefix: string, path: string): string {
  return path.startsWith("/") ? `${prefix}${path}` : path;
}

/** Returns the path without its query, which often differs with each request. */
function toName(path: string): string {
  const at = path.indexOf("?");
  return at === -1 ? path : path.slice(0, at);
}
