import { parentPort, workerData } from "node:worker_threads";
import { createChannel, transfer } from "../kernel/channel.ts";
import { systemClock } from "../kernel/clock.ts";
import { toMessage } from "../kernel/errors.ts";
import type { TransferableReply } from "./handle-request.ts";
import type { LogLevel } from "./monitor.ts";
import { createRuntime, type Runtime } from "./runtime.ts";
import type { MainCalls, ThreadCalls, ThreadData, TimedRequest } from "./thread-calls.ts";

/** Runs the monitor thread: connects the runtime with the main thread. */
async function runThread(data: ThreadData): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("This file runs in a worker thread");
  const log = (level: LogLevel) => (message: string) => main.notify("log", { level, message });
  const handlers: ThreadCalls = {
    handle: (request) => queue.handle(request),
    reload: () => runtime.reload(),
    async close() {
      try {
        await runtime.close();
      } catch (error) {
        log("error")(toMessage(error));
      } finally {
        port.close();
      }
    },
  };
  const main = createChannel<MainCalls, ThreadCalls>({
    send: (message, buffers) => port.postMessage(message, [...buffers]),
    handlers,
    peer: "server",
  });
  const runtime = await createRuntime(data, {
    clock: systemClock,
    log: { info: log("info"), warn: log("warn"), error: log("error") },
    publishStatistics: (statistics) => main.notify("publishStatistics", statistics),
    renderMetrics: () => main.call("renderMetrics"),
  });
  const queue = new RequestQueue(runtime);
  // Only now: until then, messages wait in the port.
  port.on("message", main.receive);
  main.notify("setReady");
}

/** Handles one request in each iteration of the event loop, so that timers and messages run in between. */
class RequestQueue {
  readonly #runtime: Runtime;
  readonly #waiting: (() => void)[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  handle({ request, receivedMs }: TimedRequest): Promise<TransferableReply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        const waitedSeconds = Math.max(0, systemClock.nowMs() - receivedMs) / 1_000;
        try {
          const reply = this.#runtime.handle(request, waitedSeconds);
          resolve(transfer(reply, [reply.body.buffer]));
        } catch (error) {
          reject(error);
        }
      });
      if (this.#waiting.length === 1) setImmediate(this.#runNext);
    });
  }

  readonly #runNext = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#runNext);
  };
}

await runThread(workerData as ThreadData);
