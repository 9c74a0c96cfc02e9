import { fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";

/** A client that sends at a rate, whether or not replies come. */
export interface OpenLoad {
  readonly requestsPerSecond: number;
  readonly connections: number;
  /** The whole request, head and body, in Latin-1. */
  readonly message: string;
  /** What its process gives way to: as in `nice`, from -20 (nothing) to 19 (all). */
  readonly niceness: number;
}

/** What the process of a load is told. */
export interface OpenLoadTask extends OpenLoad {
  readonly port: number;
  readonly milliseconds: number;
}

/** Milliseconds until a reply's head, by status. */
export type Latencies = ReadonlyMap<number, readonly number[]>;

/**
 * Sends several loads side by side for that long, each from a process of its own, and waits for the last reply. A request's time
 * begins when its sender awakes and finds it due: a request that finds every connection of its load busy waits, and what it waits
 * counts; how late a sender awakes does not, since that is not the server's doing.
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
        throw new Error("A sender ended early");
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
      const answer = once(sender, "message") as Promise<[Record<string, number[]>]>;
      sender.send("begin");
      const [latencies] = await Promise.race([answer, failed]);
      return new Map(
        Object.entries(latencies).map(([status, list]): [number, readonly number[]] => [
          Number(status),
          list,
        ]),
      );
    }),
  );
}
