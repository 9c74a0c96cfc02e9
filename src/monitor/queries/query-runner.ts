import { MessageChannel, Worker } from "node:worker_threads";
import { createChannel } from "../../kernel/channel.ts";
import { toMessage } from "../../kernel/errors.ts";
import { createExecutionError, createTimeoutError } from "../../promql/errors.ts";
import type { ApiParts } from "../api/api.ts";
import { createUnavailable, toFailure } from "../api/envelope.ts";
import type { TransferableReply } from "../handle-request.ts";
import type { ApiRequest } from "../monitor.ts";
import { createHistoryHandlers } from "./history-calls.ts";
import type { QueryCalls, QueryThreadData, QueryThreadEvents } from "./query-calls.ts";
import { createReplyCounter, serveSyncCalls } from "./sync-calls.ts";

// In a variable, so that bundlers do not treat it as an asset.
const threadFile = import.meta.url.endsWith(".ts") ? "./query-thread.ts" : "./query-thread.js";

/**
 * Limit for JavaScript objects in the thread: labels, results, parsed expressions. A thread that exceeds it ends, and the process
 * continues. The samples of a query, and the bytes of a reply, are outside of the heap.
 */
const HEAP_MEGABYTES = 384;
/** A query checks its time limit by itself. One that does not reach the next check within this time is ended with its thread. */
const GRACE_SECONDS = 2;

export interface QueryRunnerParts extends ApiParts {
  readonly log: { error(message: string): void };
}

/** Runs the requests to the API, one after the other, in a thread of their own. */
export interface QueryRunner {
  /** Never rejects. */
  handle(request: ApiRequest): Promise<TransferableReply>;
  /** Ends the current request and all that wait. Idempotent. */
  close(): Promise<void>;
}

interface Waiting {
  readonly request: ApiRequest;
  readonly receivedSeconds: number;
  readonly reply: (reply: TransferableReply) => void;
}

/** Creates a runner. Its thread starts with the first request, and again after a request that ended it. */
export function createQueryRunner(parts: QueryRunnerParts): QueryRunner {
  const { clock, limits } = parts;
  const waiting: Waiting[] = [];
  let thread: QueryThread | undefined;
  let isRunning = false;
  let isClosed = false;

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { request, receivedSeconds, reply } = next;
      const waitedSeconds = clock.monotonicSeconds() - receivedSeconds;
      if (thread === undefined || thread.hasEnded) thread = startQueryThread(parts);
      const secondsLeft = Math.max(0, limits.timeoutSeconds - waitedSeconds) + GRACE_SECONDS;
      reply(await thread.handle(request, waitedSeconds, secondsLeft));
    }
    isRunning = false;
  }

  return {
    handle(request) {
      if (isClosed) return Promise.resolve(createClosing());
      return new Promise((reply) => {
        waiting.push({ request, receivedSeconds: clock.monotonicSeconds(), reply });
        void runAll();
      });
    },
    async close() {
      isClosed = true;
      for (const { reply } of waiting.splice(0)) reply(createClosing());
      await thread?.end(createClosing());
    },
  };
}

function createClosing(): TransferableReply {
  return createUnavailable("The monitor is shutting down");
}

interface QueryThread {
  readonly hasEnded: boolean;
  /** Ends the thread if it does not reply in time. Never rejects. */
  handle(
    request: ApiRequest,
    waitedSeconds: number,
    timeoutSeconds: number,
  ): Promise<TransferableReply>;
  /** Ends the thread. @param reply to the current request */
  end(reply: TransferableReply): Promise<void>;
}

function startQueryThread({ limits, info, log, ...history }: QueryRunnerParts): QueryThread {
  const { port1, port2 } = new MessageChannel();
  const replies = createReplyCounter();
  serveSyncCalls({ port: port1, replies }, createHistoryHandlers(history));
  const workerData: QueryThreadData = { history: { port: port2, replies }, limits, info };
  const worker = new Worker(new URL(threadFile, import.meta.url), {
    name: "queries",
    workerData,
    transferList: [port2],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
  const handlers: QueryThreadEvents = { logError: (message) => log.error(message) };
  const channel = createChannel<QueryCalls, QueryThreadEvents>({
    send: (message, buffers) => worker.postMessage(message, [...buffers]),
    handlers,
    peer: "query thread",
  });
  const ended = Promise.withResolvers<TransferableReply>();
  let hasEnded = false;
  let reason: TransferableReply = createUnavailable("The query thread ended");

  worker.on("message", channel.receive);
  worker.on("error", (error) => (reason = toReason(error, log)));
  worker.on("exit", () => {
    hasEnded = true;
    port1.close();
    channel.close();
    ended.resolve(reason);
  });
  // Neither keeps the monitor thread alive.
  worker.unref();
  port1.unref();

  async function end(reply: TransferableReply): Promise<void> {
    reason = reply;
    hasEnded = true;
    await worker.terminate();
  }

  return {
    get hasEnded() {
      return hasEnded;
    },
    end,
    async handle(request, waitedSeconds, timeoutSeconds) {
      const timer = setTimeout(() => {
        log.error(`Request ${request.path} did not end in time; its thread is restarted`);
        void end({ ...toFailure(createTimeoutError("expression evaluation")), gzip: false });
      }, timeoutSeconds * 1_000);
      try {
        return await Promise.race([
          channel.call("handle", { request, waitedSeconds }),
          ended.promise,
        ]);
      } catch {
        // The thread ended before it replied.
        return await ended.promise;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Returns the reply to the request that ended its thread. */
function toReason(error: unknown, log: QueryRunnerParts["log"]): TransferableReply {
  const isMemory =
    error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (!isMemory) {
    log.error(`The query thread ended: ${toMessage(error)}`);
    return createUnavailable("The query thread ended. See the server's log");
  }
  const failure = toFailure(
    createExecutionError(
      `the query needs more than ${HEAP_MEGABYTES} MiB of memory. Select fewer series`,
    ),
  );
  return { ...failure, gzip: false };
}
