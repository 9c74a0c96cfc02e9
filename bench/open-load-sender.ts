import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenLoadTask } from "./open-load.ts";

// A process of `sendLoads`: makes its connections, says so, begins when it is told to, and tells the latencies.
process.once("message", (task: OpenLoadTask) => void main(task));

/** How long it sleeps between its turns, at least. */
const TURN_MS = 1;

async function main(task: OpenLoadTask): Promise<void> {
  const { port, requestsPerSecond, connections, milliseconds } = task;
  const message = Buffer.from(task.message, "latin1");
  const latencies: Record<string, number[]> = {};
  const idle: Socket[] = [];
  const askedAt = new Map<Socket, number>();
  /** Of requests that are due and found no connection: when that was seen. */
  const waiting: number[] = [];
  const all = Math.floor((requestsPerSecond * milliseconds) / 1_000);
  let due = 0;
  let answered = 0;
  const ended = Promise.withResolvers<void>();

  function send(socket: Socket, since: number): void {
    askedAt.set(socket, since);
    socket.write(message);
  }

  for (let i = 0; i < connections; i++) {
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    await once(socket, "connect");
    socket.on("close", () => {
      throw new Error("The server closed a connection");
    });
    socket.on("data", (chunk: Buffer) => {
      // A reply is small enough to come in one piece; one that did not would have no status here.
      const status = chunk.toString("latin1", 9, 12);
      (latencies[status] ??= []).push(performance.now() - (askedAt.get(socket) ?? Number.NaN));
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

  const begun = performance.now();
  while (due < all) {
    const now = performance.now();
    const wanted = Math.min(all, Math.floor((requestsPerSecond * (now - begun)) / 1_000) + 1);
    for (; due < wanted; due++) {
      const socket = idle.shift();
      if (socket === undefined) waiting.push(now);
      else send(socket, now);
    }
    await sleep(TURN_MS);
  }
  await ended.promise;
  for (const socket of askedAt.keys()) socket.removeAllListeners("close").destroy();
  process.send?.(latencies, () => process.disconnect?.());
}
