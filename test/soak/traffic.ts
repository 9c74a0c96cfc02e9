import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { IRIS, toIrisObject } from "../support/models.ts";
import { addOne, type Tally } from "./tally.ts";

/** The server of a soak, and what its clients share. */
export interface SoakServer {
  readonly url: string;
  readonly keys: { readonly predict: string; readonly metrics: string; readonly admin: string };
  readonly tally: Tally;
  /** Returns true shortly after a worker process was killed: connections may break then. */
  mayBreak(): boolean;
}

/** A request, and the expected status of its reply. */
interface ExpectedRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly key?: string | undefined;
  readonly body?: string | undefined;
  readonly type?: string;
  readonly status: number;
}

/** Sends a request and tallies its reply. @returns the body; undefined if there was no reply */
type Send = (request: ExpectedRequest) => Promise<string | undefined>;

interface Kind {
  readonly name: string;
  readonly clients: number;
  readonly pauseMs: number;
  turn(target: SoakServer, send: Send, number: number): Promise<unknown>;
}

const BATCH_ROWS = 200;
const IDLE_CONNECTIONS = 50;

const toRow = (number: number): number[] => IRIS[number % IRIS.length]?.row ?? [];
const toBody = (number: number): string => JSON.stringify(toIrisObject(toRow(number)));
const toBatch = (number: number, rows: number): string =>
  JSON.stringify({
    instances: Array.from({ length: rows }, (_, i) =>
      number % 2 === 0 ? toRow(number + i) : toIrisObject(toRow(number + i)),
    ),
  });

const BAD: readonly Omit<ExpectedRequest, "path">[] = [
  { body: "{", status: 400 },
  { body: "", status: 400 },
  { body: '{"sepal_length": "5.1"}', status: 422 },
  { body: "[1, 2]", status: 422 },
  { body: toBody(0), type: "text/plain", status: 415 },
  { body: `"${"x".repeat(300_000)}"`, status: 413 },
];

export const KINDS: readonly Kind[] = [
  {
    name: "single rows",
    clients: 2,
    pauseMs: 0,
    turn: ({ keys }, send, number) =>
      send({ path: "/predict", key: keys.predict, body: toBody(number), status: 200 }),
  },
  {
    name: "batches",
    clients: 1,
    pauseMs: 10,
    turn: ({ keys }, send, number) => {
      const body = toBatch(number, BATCH_ROWS);
      return send({ path: "/predict/batch", key: keys.predict, body, status: 200 });
    },
  },
  {
    name: "bad bodies",
    clients: 1,
    pauseMs: 10,
    turn: ({ keys }, send, number) => {
      const bad = BAD[number % BAD.length] ?? { status: 0 };
      return send({ path: "/predict", key: keys.predict, ...bad });
    },
  },
  {
    name: "unknown paths and methods",
    clients: 1,
    pauseMs: 10,
    async turn({ keys: { predict: key } }, send, number) {
      await send({ path: `/nothing/${number}`, status: 404 });
      await send({ path: "/models/nothing", key, status: 404 });
      await send({ path: "/predict", key, status: 405 });
      await send({ method: "DELETE", path: "/models", key, status: 405 });
    },
  },
  {
    name: "wrong keys",
    clients: 1,
    pauseMs: 10,
    async turn({ keys }, send, number) {
      const body = toBody(number);
      await send({ path: "/predict", body, status: 401 });
      await send({ path: "/predict", key: `tepal_${number}`, body, status: 401 });
      await send({ path: "/predict", key: keys.metrics, body, status: 403 });
      await send({ method: "POST", path: "/admin/reload", key: keys.predict, status: 403 });
    },
  },
  {
    name: "readers of everything",
    clients: 1,
    pauseMs: 50,
    async turn({ keys }, send) {
      await send({ path: "/metrics", key: keys.metrics, status: 200 });
      await send({ path: "/health/ready", status: 200 });
      await send({ path: "/models", key: keys.predict, status: 200 });
      await send({ path: "/openapi.json", key: keys.predict, status: 200 });
    },
  },
  {
    name: "slow writers",
    clients: 4,
    pauseMs: 0,
    async turn(target, _send, number) {
      const bytes = toMessage(target, "/predict", toBody(number), "close");
      const parts = Array.from({ length: 8 }, (_, i) =>
        bytes.slice((i * bytes.length) / 8, ((i + 1) * bytes.length) / 8),
      );
      const reply = await exchange(target, async (socket) => {
        for (const part of parts) {
          socket.write(part);
          await sleep(80);
        }
      });
      checkRaw(target, "slow writers", reply, 200);
    },
  },
  {
    name: "writers that stop",
    clients: 2,
    pauseMs: 0,
    async turn(target, _send, number) {
      const bytes = toMessage(target, "/predict", toBody(number), "close");
      target.tally.vanished += 1;
      const reply = await exchange(target, async (socket) => socket.write(bytes.slice(0, -5)));
      if (!reply.startsWith("HTTP/1.1 408 ") && !target.mayBreak()) {
        addOne(target.tally.problems, `writers that stop: ${reply.slice(0, 40)}`);
      }
    },
  },
  {
    name: "clients that disconnect during a body",
    clients: 1,
    pauseMs: 20,
    async turn(target, _send, number) {
      const bytes = toMessage(target, "/predict", toBody(number), "keep-alive");
      target.tally.vanished += 1;
      await exchange(target, async (socket) => {
        socket.write(bytes.slice(0, bytes.length - (number % 40)));
        await sleep(number % 5);
        socket.destroy();
      });
    },
  },
  {
    name: "clients that disconnect during a reply",
    clients: 1,
    pauseMs: 50,
    async turn(target, _send, number) {
      const bytes = toMessage(target, "/predict/batch", toBatch(number, 1_000), "keep-alive");
      target.tally.vanished += 1;
      await exchange(target, async (socket) => {
        socket.write(bytes);
        // Not with `once` of node:events, which rejects if the connection breaks.
        await new Promise((resolve) => {
          for (const event of ["data", "close"]) socket.once(event, resolve);
          setTimeout(resolve, 1_000);
        });
        socket.destroy();
      });
    },
  },
  {
    name: "idle connections",
    clients: 1,
    pauseMs: 0,
    async turn(target) {
      await Promise.all(
        Array.from({ length: IDLE_CONNECTIONS }, () =>
          exchange(target, async (socket) => {
            await sleep(1_000 + Math.random() * 1_000);
            socket.destroy();
          }),
        ),
      );
    },
  },
];

/** Sends every kind of traffic until the signal; finishes each turn that has begun. */
export async function keepTraffic(target: SoakServer, stop: AbortSignal): Promise<void> {
  await Promise.all(
    KINDS.flatMap((kind) =>
      Array.from({ length: kind.clients }, (_, client) => keepKind(kind, client, target, stop)),
    ),
  );
}

async function keepKind(
  kind: Kind,
  client: number,
  target: SoakServer,
  stop: AbortSignal,
): Promise<void> {
  await using connection = createClient(kind.name, target);
  for (let number = client; !stop.aborted; number += kind.clients) {
    await kind.turn(target, connection.send, number);
    if (kind.pauseMs > 0) await sleep(kind.pauseMs);
  }
}

/** Creates a client with one connection that it keeps. */
export function createClient(
  name: string,
  { url, tally, mayBreak }: SoakServer,
): AsyncDisposable & { readonly send: Send } {
  const client = new Client(url);
  return {
    async send({ path, key, body, type = "application/json", status, ...rest }) {
      const method = rest.method ?? (body === undefined ? "GET" : "POST");
      const headers = {
        ...(body !== undefined && { "content-type": type }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      };
      try {
        const reply = await client.request({ method, path, headers, body: body ?? null });
        const text = await reply.body.text();
        addOne(tally.replies, reply.statusCode);
        if (reply.statusCode !== status) {
          const what = `${method} ${path} got status ${reply.statusCode}, expected ${status}`;
          addOne(tally.problems, `${name}: ${what}: ${text.slice(0, 200)}`);
        }
        return text;
      } catch (error) {
        if (mayBreak()) tally.lost += 1;
        else addOne(tally.problems, `${name}: ${method} ${path}: ${String(error)}`);
        await sleep(50);
        return undefined;
      }
    },
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

function toMessage({ keys }: SoakServer, path: string, body: string, connection: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${keys.predict}\r\n` +
    `Content-Type: application/json\r\nConnection: ${connection}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** Returns everything that arrives on a connection until it closes. */
async function exchange(
  { url }: SoakServer,
  play: (socket: Socket) => Promise<unknown>,
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (received += chunk));
  // After a broken connection, `received` is not a complete reply.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await play(socket);
  await closed;
  return received;
}

function checkRaw(target: SoakServer, name: string, reply: string, status: number): void {
  const { tally, mayBreak } = target;
  if (reply.startsWith(`HTTP/1.1 ${status} `)) addOne(tally.replies, status);
  else if (mayBreak()) tally.lost += 1;
  else addOne(tally.problems, `${name}: ${reply === "" ? "no reply" : reply.slice(0, 40)}`);
}
