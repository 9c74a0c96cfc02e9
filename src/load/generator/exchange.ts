import type { Dispatcher } from "undici";
import type { Reply } from "../script/define.ts";
import { FAIL } from "../script/fail.ts";
import { toFailureKind } from "./failure-kinds.ts";
import type { Finished } from "./tally.ts";

const NO_HEADERS: Reply["headers"] = Object.freeze({});
const NO_BODY = Buffer.alloc(0);

/** What an exchange asks of the user whose it is. */
interface Owner {
  now(): number;
  /** It is over, and may be counted as soon as no check can change it any more. */
  finish(exchange: Exchange): void;
}

/** One request and its reply: undici's handler, the script's reply and what is counted are one object, since there is one a request. */
export class Exchange implements Dispatcher.DispatchHandler, Reply, Finished {
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
  /** When its time is over, by the scheduler. */
  readonly deadline: number;
  readonly #owner: Owner;
  readonly #begun: number;
  readonly #due: number | undefined;
  readonly #expect: readonly number[] | undefined;
  readonly #resolve: (reply: Reply) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] | undefined;
  #body: Buffer | undefined;

  /** Times are the scheduler's. @param due undefined in a closed model */
  constructor(
    owner: Owner,
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

  /** Ends it without a reply. Whether it could be taken back from the connection; if not, it waits for one. */
  giveUp(error: Error): boolean {
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
