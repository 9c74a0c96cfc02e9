import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { SMALL_HEAP_FLAGS } from "../src/kernel/child-process.ts";

/** Resource usage of a server process since its start. */
export interface Usage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
}

/** Connections to a server, each always busy with one request. */
export interface Driver extends Disposable {
  /** Sends requests for a duration and waits for the last response. @returns the number of responses */
  drive(milliseconds: number): Promise<number>;
}

/** A server in its own process: `http-server.ts`. */
export interface ForkedServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  usage(): Promise<Usage>;
}

/** A server in its own process, and connections to it. */
export interface LoadedServer extends AsyncDisposable, Pick<Driver, "drive"> {
  usage(): Promise<Usage>;
}

export interface Load {
  readonly connections: number;
  readonly path: string;
  /** One body, or several in rotation. */
  readonly body: string | readonly string[];
  /** Flags for the Node.js of the server. */
  readonly nodeFlags?: readonly string[];
}

/** Returns the Node.js flags for `--semi-space MB`, which replaces the size of V8's young generation that `npm start` and the image set. */
export function toNodeFlags(semiSpace: string | undefined): string[] {
  return semiSpace === undefined ? [] : [`--max-semi-space-size=${semiSpace}`];
}

/** Starts `http-server.ts` and connects to it. @param words as for `forkServer` */
export async function startServer(words: readonly string[], load: Load): Promise<LoadedServer> {
  const server = await forkServer(words, load.nodeFlags);
  const driver = await connectLoad(server.port, load);
  return {
    drive: driver.drive,
    usage: server.usage,
    async [Symbol.asyncDispose]() {
      driver[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/**
 * Starts `http-server.ts`.
 * @param words its arguments: `bare`, or `tepal` and a folder of models
 * @param nodeFlags flags for its Node.js
 */
export async function forkServer(
  words: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<ForkedServer> {
  const child = fork(fileURLToPath(new URL("./http-server.ts", import.meta.url)), words, {
    // The flags of `npm start`. The bare server has the defaults of Node.js.
    execArgv: [...(words[0] === "tepal" ? SMALL_HEAP_FLAGS : []), ...nodeFlags],
  });
  const { port } = await receive<{ port: number }>(child);
  return {
    pid: child.pid ?? 0,
    port,
    async usage() {
      child.send("usage");
      return receive<Usage>(child);
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/**
 * Connects to a local server. It writes prepared requests to plain sockets, because an HTTP client would take longer than a bare
 * server. While it sends, this process never sleeps: waking a sleeping client costs the server system time, and the slower of
 * two servers would pay it more often.
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
  const send = (socket: Socket): void => {
    socket.write(requests[sent++ % requests.length] ?? "");
  };
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay(true);
      await once(socket, "connect");
      return onReply(socket, () => {
        answered += 1;
        if (performance.now() < end) send(socket);
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
      for (const socket of sockets) send(socket);
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

/** Calls back at the end of each response, which must have status 200 and a Content-Length. */
function onReply(socket: Socket, done: () => void): Socket {
  let head = "";
  let missing = 0;
  socket.on("close", () => {
    throw new Error("The server closed a connection.");
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
