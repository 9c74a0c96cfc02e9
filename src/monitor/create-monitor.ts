import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { toMessage } from "../kernel/errors.ts";
import { refuse } from "./api/envelope.ts";
import { createFigures } from "./figures.ts";
import { MONITOR_OPTIONS } from "./options.ts";
import type {
  ApiReply,
  ApiRequest,
  FromThread,
  Monitor,
  MonitorParts,
  ThreadTask,
  ToThread,
} from "./monitor.ts";

// In a variable, so that no bundler takes it for an asset of its own.
const threadFile = import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js";

/** A thread that lives shorter is likely to die of the same again. */
const QUICK_END_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 60;
/** How long the thread may take to write what it has. */
const CLOSE_SECONDS = 3;
/** JavaScript objects in the thread: labels, indexes, rules. Samples are outside. */
const HEAP_MEGABYTES = 512;
/** Options that must be read further than where options are resolved. */
const FILES_AND_PROMQL = ["rules", "alertWebhookFile", "alertWebhookMatch"] as const;

/** The main thread's side of the monitor. Does nothing before it is started. */
export function createMonitor(parts: MonitorParts): Monitor {
  const { options, logger, clock, metrics } = parts;
  const restarts = metrics.monitorRestarts.open([]);
  const showFigures = createFigures(metrics);
  const stopping = new AbortController();
  let thread: Thread | undefined;
  let quickEnds = 0;
  let closing: Promise<void> | undefined;

  function run(): void {
    const begun = clock.monotonicSeconds();
    thread = startThread(parts, showFigures);
    void thread.ended.then((reason) => replace(reason, begun));
  }

  async function replace(reason: string, begun: number): Promise<void> {
    thread = undefined;
    if (stopping.signal.aborted) return;
    metrics.monitorRestarts.add(restarts, 1);
    quickEnds = clock.monotonicSeconds() - begun < QUICK_END_SECONDS ? quickEnds + 1 : 1;
    const seconds = Math.min(LONGEST_WAIT_SECONDS, 2 ** (quickEnds - 1));
    logger.error(`the monitor's thread ended: ${reason}; it is started again in ${seconds} s`);
    const wait = sleep(seconds * 1_000, undefined, { signal: stopping.signal, ref: false });
    await wait.catch(() => {});
    if (!stopping.signal.aborted) run();
  }

  return {
    async check() {
      // Reading rules takes memory and a part of a second, which a server spares that brings none of its own.
      if (FILES_AND_PROMQL.every((name) => options[name] === MONITOR_OPTIONS[name].default)) return;
      const { checkAlertsOptions } = await import("../alerts/check-options.ts");
      await checkAlertsOptions(options);
    },
    start() {
      if (thread === undefined && !stopping.signal.aborted) run();
    },
    isReady: async () => thread?.isReady() ?? false,
    async ask(request) {
      if (thread === undefined) return refuse("The monitor is not running; the log says why");
      if (thread.waiting() >= options.queryQueue) {
        return refuse(`${options.queryQueue} queries wait already (--query-queue)`);
      }
      return thread.ask(request);
    },
    reload: () => thread?.reload(),
    close() {
      stopping.abort();
      closing ??= thread?.close() ?? Promise.resolve();
      return closing;
    },
  };
}

interface Thread {
  ask(request: ApiRequest): Promise<ApiReply>;
  /** Requests that have no reply yet. */
  waiting(): number;
  isReady(): boolean;
  reload(): void;
  close(): Promise<void>;
  /** Why it ended. */
  readonly ended: Promise<string>;
}

function startThread(
  { options, version, url, renderPage, clock, logger }: MonitorParts,
  showFigures: ReturnType<typeof createFigures>,
): Thread {
  const closing = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const task: ThreadTask = { options, version, url: url(), closing };
  // No flags of this process (a test runner's, a debugger's) in the thread.
  const worker = new Worker(new URL(threadFile, import.meta.url), {
    name: "monitor",
    workerData: task,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
  const waiting = new Map<number, (reply: ApiReply) => void>();
  const ended = Promise.withResolvers<string>();
  let reason = "nobody said why";
  let ready = false;
  let lastId = 0;

  const tell = (message: ToThread): void => worker.postMessage(message);

  async function bringPage(id: number): Promise<void> {
    try {
      tell({ kind: "page", id, text: await renderPage() });
    } catch (error) {
      tell({ kind: "no page", id, reason: toMessage(error) });
    }
  }

  function hear(message: FromThread): void {
    switch (message.kind) {
      case "ready":
        ready = true;
        break;
      case "reply":
        waiting.get(message.id)?.(message.reply);
        waiting.delete(message.id);
        break;
      case "wanted page":
        void bringPage(message.id);
        break;
      case "log":
        logger[message.level](`monitor: ${message.message}`);
        break;
      case "figures":
        showFigures(message.figures);
        break;
    }
  }

  worker.on("message", hear);
  worker.on("messageerror", (error) => (reason = toMessage(error)));
  worker.on("error", (error) => (reason = toMessage(error)));
  worker.on("exit", () => {
    ready = false;
    for (const answer of waiting.values()) answer(refuse("The monitor ended before it answered"));
    waiting.clear();
    ended.resolve(reason);
  });
  // It does not keep a process alive whose server nobody closes.
  worker.unref();

  return {
    ended: ended.promise,
    waiting: () => waiting.size,
    isReady: () => ready,
    ask(request) {
      lastId += 1;
      tell({ kind: "ask", id: lastId, request, askedMs: clock.nowMs() });
      return new Promise((resolve) => void waiting.set(lastId, resolve));
    },
    reload: () => tell({ kind: "reload" }),
    async close() {
      Atomics.store(new Int32Array(closing), 0, 1);
      tell({ kind: "close" });
      const timer = setTimeout(() => {
        logger.warn(`the monitor did not end within ${CLOSE_SECONDS} s: it is ended`);
        void worker.terminate();
      }, CLOSE_SECONDS * 1_000);
      await ended.promise;
      clearTimeout(timer);
    },
  };
}
