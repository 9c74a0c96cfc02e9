import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client that sends at a rate, whether or not replies come. */
export interface OpenLoad {
  readonly requestsPerSecond: number;
  readonly connections: number;
  /** The whole request, head and body. */
  readonly message: Buffer;
}

/** Milliseconds from the moment that a request was due until its reply's head, by status. */
export type Latencies = ReadonlyMap<number, readonly number[]>;

/**
 * Sends several loads side by side for that long and waits for the last reply. A request that finds every connection of
 * its load busy waits, and what it waits counts. This process never sleeps meanwhile.
 */
export async function sendLoads(
  port: number,
  loads: readonly OpenLoad[],
  milliseconds: number,
): Promise<Latencies[]> {
  const senders = await Promise.all(loads.map((load) => createSender(port, load, milliseconds)));
  await new Promise<void>((resolve) => {
    const begun = performance.now();
    const turn = (): void => {
      const elapsed = performance.now() - begun;
      const areDone = senders.map((sender) => sender.turn(begun, elapsed)).every(Boolean);
      if (areDone) resolve();
      else setImmediate(turn);
    };
    turn();
  });
  for (const sender of senders) sender.close();
  return senders.map(({ latencies }) => latencies);
}

async function createSender(
  port: number,
  { requestsPerSecond, connections, message }: OpenLoad,
  milliseconds: number,
) {
  const latencies = new Map<number, number[]>();
  const idle: Socket[] = [];
  const due = new Map<Socket, number>();
  const all = Math.floor((requestsPerSecond * milliseconds) / 1_000);
  let sent = 0;
  let answered = 0;
  const toDue = (begun: number): number => begun + (sent * 1_000) / requestsPerSecond;
  for (let i = 0; i < connections; i++) {
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    await once(socket, "connect");
    socket.on("close", () => {
      throw new Error("The server closed a connection");
    });
    socket.on("data", (chunk: Buffer) => {
      // A reply is small enough to come in one piece; one that did not would have no status here.
      const status = Number(chunk.toString("latin1", 9, 12));
      const list = latencies.get(status) ?? [];
      list.push(performance.now() - (due.get(socket) ?? Number.NaN));
      latencies.set(status, list);
      answered += 1;
      idle.push(socket);
    });
    idle.push(socket);
  }
  return {
    latencies,
    /** Sends what is due. @returns whether the last reply has come */
    turn(begun: number, elapsed: number): boolean {
      const wanted = Math.min(all, Math.floor((requestsPerSecond * elapsed) / 1_000) + 1);
      while (sent < wanted) {
        const socket = idle.shift();
        if (socket === undefined) break;
        due.set(socket, toDue(begun));
        sent += 1;
        socket.write(message);
      }
      return answered === all;
    },
    close(): void {
      for (const socket of idle) socket.removeAllListeners("close").destroy();
    },
  };
}
