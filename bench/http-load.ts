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

/** Connections to a server under a load that keeps every one of them busy. */
export interface Driver extends Disposable {
  /** Sends requests for that long and waits for the last reply. @returns how many were answered */
  drive(milliseconds: number): Promise<number>;
}

/** A server in a process of its own, and connections to it. */
export interface LoadedServer extends AsyncDisposable, Pick<Driver, "drive"> {
  usage(): Promise<Usage>;
}

export interface Load {
  readonly connections: number;
  readonly path: string;
  /** One body, or several that take turns. */
  readonly body: string | readonly string[];
  /** Flags of the server's Node.js. */
  readonly nodeFlags?: readonly string[];
}

/** For the benches' `--semi-space MB`: how much room V8's youngest objects have; `npm start` and the image say 8. */
export function toNodeFlags(semiSpace: string | undefined): string[] {
  return semiSpace === undefined ? [] : [`--max-semi-space-size=${semiSpace}`];
}

/**
 * Starts `http-server.ts` and connects to it.
 * @param words what the server is told: `bare`, or `tepal` and a folder of models
 */
export async function startServer(words: readonly string[], load: Load): Promise<LoadedServer> {
  const child = fork(fileURLToPath(new URL("./http-server.ts", import.meta.url)), words, {
    execArgv: [...(load.nodeFlags ?? [])],
  });
  const { port } = await receive<{ port: number }>(child);
  const driver = await connectLoad(port, load);
  return {
    drive: driver.drive,
    async usage() {
      child.send("usage");
      return receive<Usage>(child);
    },
    async [Symbol.asyncDispose]() {
      driver[Symbol.dispose]();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/**
 * Connects to a server on this machine. Bytes of prepared requests go to plain sockets, because an HTTP client takes
 * longer than a bare server and would be what is measured. While it drives, this process never sleeps: a server that wakes
 * a sleeping client pays for that in its own system time, and the slower of two servers, whose client waits, would pay
 * more often.
 */
export async function connectLoad(
  port: number,
  { connections, path, body }: Load,
): Promise<Driver> {
  const requests = (typeof body === "string" ? [body] : body).map((text) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    ),
  );
  let sent = 0;
  let end = 0;
  let answered = 0;
  let finished: (() => void) | undefined;
  let isDriving = false;
  let busy = 0;
  const ask = (socket: Socket): void => {
    socket.write(requests[sent++ % requests.length] ?? "");
  };
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay(true);
      await once(socket, "connect");
      return onReply(socket, () => {
        answered += 1;
        if (performance.now() < end) ask(socket);
        else if (--busy === 0) finished?.();
      });
    }),
  );

  function stayAwake(): void {
    if (isDriving) setImmediate(stayAwake);
  }

  return {
    async drive(milliseconds) {
      answered = 0;
      busy = sockets.length;
      end = performance.now() + milliseconds;
      for (const socket of sockets) ask(socket);
      const idle = new Promise<void>((resolve) => {
        finished = resolve;
      });
      isDriving = true;
      stayAwake();
      await idle;
      isDriving = false;
      return answered;
    },
    [Symbol.dispose]() {
      for (const socket of sockets) socket.removeAllListeners("close").destroy();
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
