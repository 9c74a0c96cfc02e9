import type { Dispatcher } from "undici";
import { FAIL } from "../script/fail.ts";
import type { Reply } from "../script/virtual-user.ts";
import { toFailureKind } from "./failure-kinds.ts";
import type { FinishedRequest } from "./tally.ts";

const NO_HEADERS: Reply["headers"] = Object.freeze({});
const NO_BODY = Buffer.alloc(0);

/** The connection that an exchange belongs to. */
export interface ExchangeOwner {
  now(): number;
  /** Receives the finished exchange, to count it once no check can change it. */
  finish(exchange: Exchange): void;
}

/** One request with its reply. It is undici's handler, the script's reply and the counted request in one object, to allocate only one. */
export class Exchange implements Dispatcher.DispatchHandler, Reply, FinishedRequest {
  readonly method: string;
  readonly name: string;
  status = 0;
  headers = NO_HEADERS;
  /** null: a success so far. */
  failure: string | null = null;
  seconds = 0;
  responseSeconds: number | undefined = undefined;
  receivedBytes = 0;
  isOver = false;
  /** Time of the timeout, by the scheduler. */
  readonly deadline: number;
  readonly #owner: ExchangeOwner;
  readonly #begun: number;
  readonly #due: number | undefined;
  readonly #expect: readonly number[] | undefined;
  readonly #resolve: (reply: Reply) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] | undefined;
  #body: Buffer | undefined;

  /** All times are the scheduler's. @param due undefined in a closed model */
  constructor(
    owner: ExchangeOwner,
    method: string,
    name: string,
    begun: number,
    due: number | undefined,
    deadline: number,
    expect: readonly number[] | undefined,
    resolve: (reply: Reply) => void,
  ) {
    this.#owner = owner;
    this.method = method;
    this.name = name;
    this.#begun = begun;
    this.#due = due;
    this.deadline = deadline;
    this.#expect = expect;
    this.#resolve = resolve;
  }

  get ok(): boolean {
    return this.failure === null;
  }

  get body(): Buffer {
    const chunks = this.#chunks ?? [];
    const [first = NO_BODY] = chunks;
    this.#body ??= chunks.length <= 1 ? first : Buffer.concat(chunks);
    return this.#body;
  }

  text(): string {
    return this.body.toString("utf8");
  }

  json<T = unknown>(): T {
    return JSON.parse(this.text());
  }

  [FAIL](kind: string): void {
    this.failure ??= kind;
  }

  /** Ends the exchange without a reply. Returns false if it still waits for the connection, where undici cannot cancel it. */
  cancel(error: Error): boolean {
    const controller = this.#controller;
    if (!this.isOver) this.onResponseError(undefined, error);
    controller?.abort(error);
    return controller !== undefined;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Reply["headers"],
  ): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#chunks === undefined) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
    this.receivedBytes += chunk.length;
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    const { status } = this;
    const expect = this.#expect;
    const isExpected = expect === undefined ? status < 400 : expect.includes(status);
    if (!isExpected) this.failure = String(status);
    this.#end();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.isOver) return;
    this.failure = toFailureKind(error, this.status !== 0);
    this.status = 0;
    this.#end();
  }

  #end(): void {
    const now = this.#owner.now();
    this.isOver = true;
    this.seconds = now - this.#begun;
    if (this.#due !== undefined) this.responseSeconds = now - this.#due;
    this.#controller = undefined;
    this.#owner.finish(this);
    this.#resolve(this);
  }
}
