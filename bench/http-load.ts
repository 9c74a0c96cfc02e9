import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** What a server process has used so far. */
export interface Usage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
}

/** A server in a process of its own, under a load that keeps every connection busy. */
export interface LoadedServer extends AsyncDisposable {
  usage(): Promise<Usage>;
  /** Sends requests for that long and waits for the last reply. @returns how many were answered */
  drive(milliseconds: number): Promise<number>;
}

export interface Load {
  readonly connections: number;
  readonly path: string;
  readonly body: string;
}

/**
 * Starts `http-server.ts` and connects to it. Bytes of one prepared request go to plain sockets, because an HTTP client
 * takes longer than the bare server and would be what is measured. While it drives, this process never sleeps: a
 * server that wakes a sleeping client pays for that in its own system time, and the slower of two servers, whose client
 * waits, would pay more often.
 *
 * @param words what the server is told: `bare`, or `tepal` and a folder of models
 */
export async function startServer(words: readonly string[], load: Load): Promise<LoadedServer> {
  const child = fork(fileURLToPath(new URL("./http-server.ts", import.meta.url)), words);
  const { port } = await receive<{ port: number }>(child);
  const request = Buffer.from(
    `POST ${load.path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(load.body)}\r\n\r\n${load.body}`,
  );
  let end = 0;
  let answered = 0;
  let finished: (() => void) | undefined;
  let isDriving = false;
  let busy = 0;
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay(true);
      await once(socket, "connect");
      return onReply(socket, () => {
        answered += 1;
        if (performance.now() < end) socket.write(request);
        else if (--busy === 0) finished?.();
      });
    }),
  );

  function stayAwake(): void {
    if (isDriving) setImmediate(stayAwake);
  }

  return {
    async usage() {
      child.send("usage");
      return receive<Usage>(child);
    },
    async drive(milliseconds) {
      answered = 0;
      busy = sockets.length;
      end = performance.now() + milliseconds;
      for (const socket of sockets) socket.write(request);
      const idle = new Promise<void>((resolve) => {
        finished = resolve;
      });
      isDriving = true;
      stayAwake();
      await idle;
      isDriving = false;
      return answered;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.removeAllListeners("close").destroy();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Calls back at the end of each reply, which must have status 200 and a length. */
function onReply(socket: Socket, done: () => void): Socket {
  let head = "";
  let missing = 0;
  socket.on("close", () => {
    throw new Error("The server closed a connection");
  });
  return socket.on("data", (chunk: Buffer) => {
    if (missing > 0) missing -= chunk.length;
    else {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      if (length === undefined || !head.startsWith("HTTP/1.1 200 ")) throw new Error(head);
      missing = end + 4 + Number(length) - head.length;
      head = "";
    }
    if (missing === 0) done();
  });
}

async function receive<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, "message");
  return message;
}
