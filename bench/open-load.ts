import { fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";

/** A client that sends at a fixed rate, independent of responses. */
export interface OpenLoad {
  readonly requestsPerSecond: number;
  readonly connections: number;
  /** The whole request, headers and body, in Latin-1. */
  readonly message: string;
  /** Niceness of its process, from -20 (highest priority) to 19 (lowest). */
  readonly niceness: number;
}

/** Message to the process of a load. */
export interface OpenLoadTask extends OpenLoad {
  readonly port: number;
  readonly milliseconds: number;
}

/** Milliseconds until the response headers, by status. */
export type Latencies = ReadonlyMap<number, readonly number[]>;

/**
 * Sends several loads at the same time, each from its own process, and waits for the last response. The latency of a request
 * starts when its sender wakes and finds it due. It includes waiting for an idle connection, but not the lateness of the sender,
 * which the server does not cause.
 */
export async function sendLoads(
  port: number,
  loads: readonly OpenLoad[],
  milliseconds: number,
): Promise<Latencies[]> {
  const senders = await Promise.all(
    loads.map(async (load) => {
      const sender = fork(fileURLToPath(new URL("open-load-sender.ts", import.meta.url)));
      setPriority(sender.pid ?? 0, load.niceness);
      const failed = once(sender, "exit").then(() => {
        throw new Error("A sender exited early.");
      });
      failed.catch(() => {});
      const task: OpenLoadTask = { ...load, port, milliseconds };
      sender.send(task);
      await Promise.race([once(sender, "message"), failed]);
      return { sender, failed };
    }),
  );
  return Promise.all(
    senders.map(async ({ sender, failed }) => {
      const report = once(sender, "message") as Promise<[Record<string, number[]>]>;
      sender.send("start");
      const [latencies] = await Promise.race([report, failed]);
      return new Map(
        Object.entries(latencies).map(([status, list]): [number, readonly number[]] => [
          Number(status),
          list,
        ]),
      );
    }),
  );
}
