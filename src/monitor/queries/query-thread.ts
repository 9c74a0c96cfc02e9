import { parentPort, workerData } from "node:worker_threads";
import { createChannel, transfer } from "../../kernel/channel.ts";
import { systemClock } from "../../kernel/clock.ts";
import { toMessage } from "../../kernel/errors.ts";
import type { ApiParts } from "../api/api.ts";
import { handleRequest } from "../handle-request.ts";
import type { QueryCalls, QueryThreadData, QueryThreadEvents } from "./query-calls.ts";
import { createRemoteHistory } from "./remote-history.ts";

/** Runs the query thread: replies to the requests that it gets, one after the other. */
function runThread({ history, limits, info }: QueryThreadData): void {
  const port = parentPort;
  if (port === null) throw new Error("This file runs in a worker thread");
  const parts: ApiParts = { ...createRemoteHistory(history), clock: systemClock, limits, info };
  const handlers: QueryCalls = {
    handle({ request, waitedSeconds }) {
      const reply = handleRequest(parts, request, waitedSeconds, (error) => {
        const details = error instanceof Error ? error.stack : toMessage(error);
        channel.notify("logError", `Request ${request.path} failed: ${details}`);
      });
      return transfer(reply, [reply.body.buffer]);
    },
  };
  const channel = createChannel<QueryThreadEvents, QueryCalls>({
    send: (message, buffers) => port.postMessage(message, [...buffers]),
    handlers,
    peer: "monitor",
  });
  port.on("message", channel.receive);
}

runThread(workerData as QueryThreadData);
