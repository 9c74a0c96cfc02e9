import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenLoadTask } from "./open-load.ts";

// A process of `sendLoads`: opens its connections, reports that it is ready, sends on the next message, and reports latencies.
process.once("message", (task: OpenLoadTask) => void main(task));

/** Minimum sleep between two turns. */
const TURN_MS = 1;

async function main(task: OpenLoadTask): Promise<void> {
  const { port, requestsPerSecond, connections, milliseconds } = task;
  const message = Buffer.from(task.message, "latin1");
  const latencies: Record<string, number[]> = {};
  const idle: Socket[] = [];
  const sentAt = new Map<Socket, number>();
  /** Times at which requests were due but no connection was idle. */
  const waiting: number[] = [];
  const all = Math.floor((requestsPerSecond * milliseconds) / 1_000);
  let due = 0;
  let answered = 0;
  const ended = Promise.withResolvers<void>();

  function send(socket: Socket, since: number): void {
    sentAt.set(socket, since);
    socket.write(message);
  }

  for (let i = 0; i < connections; i++) {
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    await once(socket, "connect");
    socket.on("close", () => {
      throw new Error("The server closed a connection.");
    });
    socket.on("data", (chunk: Buffer) => {
      // Responses are small enough to arrive in one chunk.
      const status = chunk.toString("latin1", 9, 12);
      (latencies[status] ??= []).push(performance.now() - (sentAt.get(socket) ?? Number.NaN));
      answered += 1;
      const since = waiting.shift();
      if (since === undefined) idle.push(socket);
      else send(socket, since);
      if (answered === all) ended.resolve();
    });
    idle.push(socket);
  }
  process.send?.("ready");
  await once(process, "message");

  const start = performance.now();
  while (due < all) {
    const now = performance.now();
    const dueNow = Math.min(all, Math.floor((requestsPerSecond * (now - start)) / 1_000) + 1);
    for (; due < dueNow; due++) {
      const socket = idle.shift();
      if (socket === undefined) waiting.push(now);
      else send(socket, now);
    }
    await sleep(TURN_MS);
  }
  await ended.promise;
  for (const socket of sentAt.keys()) socket.removeAllListeners("close").destroy();
  process.send?.(latencies, () => process.disconnect?.());
}
