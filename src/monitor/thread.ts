import { parentPort, workerData } from "node:worker_threads";
import { createChannel, transfer } from "../kernel/channel.ts";
import { systemClock } from "../kernel/clock.ts";
import { toMessage } from "../kernel/errors.ts";
import type { LogLevel } from "./monitor.ts";
import { createRuntime } from "./runtime.ts";
import type { MainCalls, ThreadCalls, ThreadData } from "./thread-calls.ts";

/** Runs the monitor thread: connects the runtime with the main thread. */
async function runThread(data: ThreadData): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("This file runs in a worker thread");
  const log = (level: LogLevel) => (message: string) => main.notify("log", { level, message });
  const handlers: ThreadCalls = {
    async handle(request) {
      const reply = await runtime.handle(request);
      return transfer(reply, [reply.body.buffer]);
    },
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
    listExemplars: () => main.call("listExemplars"),
  });
  // Only now: until then, messages wait in the port.
  port.on("message", main.receive);
  main.notify("setReady");
}

await runThread(workerData as ThreadData);
