import { systemClock } from "../../kernel/clock.ts";
import { TepalError, type ErrorCode } from "../../kernel/errors.ts";
import { createRestartDelay } from "../../kernel/restart-delay.ts";
import type { FailureListener } from "../model.ts";
import type { EngineGraph, EngineOutputs, EngineRows } from "./engine.ts";
import { requireRuntime } from "./find-runtime.ts";
import type { EngineOptions } from "./options.ts";
import { startChild, type EngineChild, type EngineEnd } from "./start-child.ts";

/** The engine of one model: sends requests to its process, and replaces a process that ends. */
export interface EngineClient {
  /**
   * Starts the process and loads the graph.
   * @throws TepalError MODEL_UNSUPPORTED if the package is not installed or rejects the graph, or if the graph exceeds a limit
   */
  start(): Promise<void>;
  /**
   * Predicts rows, which must not change until then.
   * @throws TepalError INVALID_INPUT if the graph fails for these rows; ENGINE_FAILED, ENGINE_TIMEOUT or ENGINE_OVERLOADED
   */
  run(rows: EngineRows): Promise<EngineOutputs>;
  /** Registers a function that is called when a process ends too early. */
  onFailure(listener: FailureListener): void;
  /** Process id; undefined while there is no process. */
  readonly pid: number | undefined;
  /** Rejects all requests with ENGINE_FAILED, and ends the process. Idempotent. */
  close(): Promise<void>;
}

/** @param folder the first one in which onnxruntime-node is searched. @default the current folder */
export function createEngineClient(
  graph: EngineGraph,
  options: EngineOptions,
  folder?: string,
): EngineClient {
  return new QueueingClient(graph, options, folder);
}

/** Requests in the process: one is computed while the next one is on its way. */
const MAX_SENT = 2;
/** Requests that wait. With more, the time limit would end most of them. */
const MAX_WAITING = 256;
/** A large graph takes some seconds to load. */
const LOAD_MS = 60_000;
const MEBIBYTE = 1024 * 1024;
const RESTARTS = "The process that computes the model has ended, and starts again.";
const CLOSED = "The version of the model is no longer loaded.";
/** The restart delay of the one process of a client. */
const ONLY = 0;

interface Request extends Pick<PromiseWithResolvers<EngineOutputs>, "resolve" | "reject"> {
  readonly rows: EngineRows;
  /** Ends its wait. */
  readonly timer: NodeJS.Timeout;
}

class QueueingClient implements EngineClient {
  readonly #graph: EngineGraph;
  readonly #options: EngineOptions;
  readonly #folder: string | undefined;
  readonly #delay = createRestartDelay();
  readonly #listeners: FailureListener[] = [];
  /** In their order: those that wait, and those that the process has. */
  readonly #waiting: Request[] = [];
  readonly #sent: Request[] = [];
  #child: EngineChild | undefined;
  /** True once the process has loaded the graph. */
  #isReady = false;
  /** True while the next start is delayed for long: requests fail at once. */
  #isDown = false;
  #restart: NodeJS.Timeout | undefined;
  /** Limits the time of the first request that the process has. */
  #limit: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(graph: EngineGraph, options: EngineOptions, folder: string | undefined) {
    this.#graph = graph;
    this.#options = options;
    this.#folder = folder;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  onFailure(listener: FailureListener): void {
    this.#listeners.push(listener);
  }

  async start(): Promise<void> {
    const failed = await this.#launch();
    if (failed === undefined) return;
    throw new TepalError(
      "MODEL_UNSUPPORTED",
      `onnxruntime could not load the model: ${this.#describe(failed)}`,
    );
  }

  run(rows: EngineRows): Promise<EngineOutputs> {
    const { promise, resolve, reject } = Promise.withResolvers<EngineOutputs>();
    const rejection = this.#findRejection();
    if (rejection !== undefined) {
      reject(rejection);
      return promise;
    }
    const { engineTimeout } = this.#options;
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(request), 1);
      reject(
        this.#isReady
          ? new TepalError(
              "ENGINE_OVERLOADED",
              `The request has waited ${engineTimeout} s for its turn (--engine-timeout).`,
            )
          : new TepalError("ENGINE_FAILED", RESTARTS),
      );
    }, engineTimeout * 1_000);
    const request: Request = { rows, resolve, reject, timer };
    this.#waiting.push(request);
    this.#send();
    return promise;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    clearTimeout(this.#restart);
    clearTimeout(this.#limit);
    const child = this.#child;
    this.#child = undefined;
    const isBusy = this.#sent.length > 0;
    this.#reject([...this.#sent.splice(0), ...this.#waiting.splice(0)], "ENGINE_FAILED", CLOSED);
    if (isBusy) child?.kill();
    await child?.end();
  }

  #findRejection(): TepalError | undefined {
    if (this.#closing !== undefined) {
      return new TepalError("ENGINE_FAILED", CLOSED);
    }
    if (this.#isDown) {
      return new TepalError("ENGINE_FAILED", RESTARTS);
    }
    if (this.#waiting.length < MAX_WAITING) return undefined;
    const message = `Expected at most ${MAX_WAITING} requests that wait for the model, got more.`;
    return new TepalError("ENGINE_OVERLOADED", message);
  }

  /** Sends the next requests to the process. */
  #send(): void {
    const child = this.#child;
    if (child === undefined || !this.#isReady) return;
    while (this.#sent.length < MAX_SENT) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      clearTimeout(request.timer);
      this.#sent.push(request);
      if (this.#sent.length === 1) this.#limitFirst(child);
      child.channel.call("run", request.rows).then(
        (outputs) => this.#receive(child, request, () => request.resolve(outputs)),
        (error: unknown) => {
          // Of a process that ended, `#handleEnd` rejects all requests.
          if (!child.hasEnded) this.#receive(child, request, () => request.reject(error));
        },
      );
    }
  }

  #receive(child: EngineChild, request: Request, settle: () => void): void {
    if (this.#sent[0] !== request) return;
    this.#sent.shift();
    if (this.#sent.length > 0) this.#limitFirst(child);
    else clearTimeout(this.#limit);
    settle();
    this.#send();
  }

  #limitFirst(child: EngineChild): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => child.kill("timeout"), this.#options.engineTimeout * 1_000);
  }

  #reject(requests: readonly Request[], code: ErrorCode, message: string): void {
    for (const { timer, reject } of requests) {
      clearTimeout(timer);
      reject(new TepalError(code, message));
    }
  }

  /**
   * Starts a process. Afterwards its end is handled.
   * @returns why it ended before it was ready; undefined if it is ready
   * @throws TepalError MODEL_UNSUPPORTED
   */
  async #launch(): Promise<EngineEnd | undefined> {
    const runtime = requireRuntime(this.#folder);
    const child = startChild();
    this.#child = child;
    const timer = setTimeout(() => child.kill("timeout"), LOAD_MS);
    const begun = systemClock.monotonicSeconds();
    try {
      const memoryBytes = this.#options.engineMemory * MEBIBYTE;
      await child.load(this.#graph, { runtime, memoryBytes });
    } catch (error) {
      this.#child = undefined;
      if (!child.hasEnded) {
        child.kill();
        await child.ended;
        throw error;
      }
      return await child.ended;
    } finally {
      clearTimeout(timer);
    }
    this.#isReady = true;
    this.#isDown = false;
    void this.#watch(child, begun);
    this.#send();
    return undefined;
  }

  async #watch(child: EngineChild, begunSeconds: number): Promise<void> {
    const end = await child.ended;
    if (this.#child !== child) return;
    this.#delay.ended(ONLY, systemClock.monotonicSeconds() - begunSeconds);
    this.#handleEnd(end);
  }

  /** Rejects the requests of a process that ended too early, and starts another one. */
  #handleEnd(end: EngineEnd): void {
    const code = end.failure === "timeout" ? "ENGINE_TIMEOUT" : "ENGINE_FAILED";
    const message = this.#describe(end);
    this.#child = undefined;
    this.#isReady = false;
    clearTimeout(this.#limit);
    for (const listener of this.#listeners) listener(end.failure, message);
    const { seconds, isLong } = this.#delay.next(ONLY);
    this.#isDown = isLong;
    const lost = [...this.#sent.splice(0), ...(isLong ? this.#waiting.splice(0) : [])];
    this.#reject(lost, code, message);
    this.#restart = setTimeout(() => void this.#relaunch(), seconds * 1_000).unref();
  }

  async #relaunch(): Promise<void> {
    let end: EngineEnd | undefined;
    try {
      end = await this.#launch();
    } catch {
      // The package was removed, for example.
      end = { failure: "crash", how: "while it loaded the model" };
    }
    if (this.#closing === undefined) {
      if (end !== undefined) this.#handleEnd(end);
    } else {
      // Closed while it started.
      const child = this.#child;
      this.#child = undefined;
      await child?.end();
    }
  }

  #describe({ failure, how }: EngineEnd): string {
    const { engineTimeout, engineMemory } = this.#options;
    switch (failure) {
      case "timeout":
        return this.#isReady
          ? `The model took more than ${engineTimeout} s, and its process was ended (--engine-timeout).`
          : `The model took more than ${LOAD_MS / 1_000} s to load, and its process was ended.`;
      case "memory":
        return `The model took more than ${engineMemory} MiB of memory, and its process was ended (--engine-memory).`;
      case "crash":
        return `The process that computes the model ended ${how}.`;
    }
  }
}
