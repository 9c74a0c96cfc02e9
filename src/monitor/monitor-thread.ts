import { Worker } from "node:worker_threads";
import { createChannel } from "../kernel/channel.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createUnavailable } from "./api/envelope.ts";
import type { ApiReply, ApiRequest, MonitorParts, MonitorStatistics } from "./monitor.ts";
import type { MainCalls, ThreadCalls, ThreadData } from "./thread-calls.ts";

// In a variable, so that bundlers do not treat it as an asset.
const threadFile = import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js";

/** Time for the thread to write its history before it is terminated. */
const CLOSE_SECONDS = 3;
/** Limit for JavaScript objects in the thread: labels, indexes, rules. Samples are outside of the heap. */
const HEAP_MEGABYTES = 512;

/** The main thread's handle of a monitor thread. */
export interface MonitorThread {
  request(request: ApiRequest): Promise<ApiReply>;
  /** Requests without a reply yet. */
  pending(): number;
  isReady(): boolean;
  /** Reads the rule files again. @returns the problem */
  reload(): Promise<string | undefined>;
  close(): Promise<void>;
  /** Resolves with the reason of its end. */
  readonly ended: Promise<string>;
}

export function startMonitorThread(
  { options, version, url, publicUrl, renderMetrics, listExemplars, logger }: MonitorParts,
  publishStatistics: (statistics: MonitorStatistics) => void,
  zeroMs: number | undefined,
): MonitorThread {
  const closing = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadData = {
    options,
    version,
    url: url(),
    publicUrl: publicUrl(),
    zeroMs,
    closing,
  };
  const worker = new Worker(new URL(threadFile, import.meta.url), {
    name: "monitor",
    workerData,
    // Flags of this process (of a test runner, a debugger) do not apply to the thread.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
  let isReady = false;
  const handlers: MainCalls = {
    setReady: () => void (isReady = true),
    async renderMetrics() {
      try {
        return await renderMetrics();
      } catch (cause) {
        // A TepalError crosses the channel without its stack: the message is shown as the error of the scrape.
        throw new TepalError("INTERNAL", toMessage(cause), { cause });
      }
    },
    listExemplars,
    log: ({ level, message }) => logger[level](`monitor: ${message}`),
    publishStatistics,
  };
  const channel = createChannel<ThreadCalls, MainCalls>({
    send: (message, buffers) => worker.postMessage(message, [...buffers]),
    handlers,
    peer: "monitor",
  });
  const ended = watchEnd(worker, () => {
    isReady = false;
    channel.close();
  });
  worker.on("message", channel.receive);
  // The thread does not keep a process alive whose server is not closed.
  worker.unref();

  return {
    ended,
    pending: () => channel.pending,
    isReady: () => isReady,
    request: (request) =>
      channel
        .call("handle", request)
        .catch((error: unknown) => createUnavailable(toMessage(error))),
    reload: () => channel.call("reload"),
    async close() {
      Atomics.store(new Int32Array(closing), 0, 1);
      channel.notify("close");
      const timer = setTimeout(() => {
        logger.warn(`The monitor did not end within ${CLOSE_SECONDS} s; terminating it`);
        void worker.terminate();
      }, CLOSE_SECONDS * 1_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** @returns the reason of the end */
function watchEnd(worker: Worker, onEnd: () => void): Promise<string> {
  const ended = Promise.withResolvers<string>();
  let reason = "exited without an error";
  worker.on("messageerror", (error) => (reason = toMessage(error)));
  worker.on("error", (error) => (reason = toMessage(error)));
  worker.on("exit", () => {
    onEnd();
    ended.resolve(reason);
  });
  return ended.promise;
}
