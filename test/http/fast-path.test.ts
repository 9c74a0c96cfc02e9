import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { TepalError } from "../../src/kernel/errors.ts";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import type { CheckedRequest } from "../../src/http/request-head.ts";
import { createFolder } from "../support/folders.ts";
import { toIrisObject } from "../support/models.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startServer, type Reply, type TestServer } from "../support/server.ts";

const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const BODY = JSON.stringify(ROW);
const JSON_TYPE = { "content-type": "application/json" };

/** The parts of a reply that both must send. */
function toComparable({ status, headers, text }: Reply): unknown {
  const { date, ...others } = headers;
  expect(date).toBeDefined();
  return { status, headers: others, text };
}

const BODIES: readonly [title: string, path: string, body: string][] = [
  ["a row", "/predict", BODY],
  ["an outlier", "/predict", JSON.stringify({ ...ROW, sepal_length: 100 })],
  ["a field that is not ASCII", "/predict", JSON.stringify({ ...ROW, größe: 1 })],
  ["a field that stands twice", "/predict", BODY.replace("{", '{"sepal_length": 1, ')],
  ["a missing feature", "/predict", JSON.stringify({ sepal_length: 5.1 })],
  ["an array", "/predict", "[1, 2]"],
  ["no JSON", "/predict", '{"sepal_length": 5.'],
  ["blanks", "/predict", "   "],
  ["a byte-order mark", "/predict", `\uFEFF${BODY}`],
  ["a batch", "/predict/batch", JSON.stringify({ instances: [ROW, [6, 3, 5, 2]] })],
  [
    "a batch with a problem",
    "/predict/batch",
    JSON.stringify({ instances: [ROW, [6, 3, null, 2]] }),
  ],
  ["an empty batch", "/predict/batch", '{"instances": []}'],
  ["a model's path", "/models/iris/predict", BODY],
  ["a version's path", "/models/iris/versions/1/predict", BODY],
  ["a version's batch", "/models/iris/versions/1/predict/batch", `{"instances": [${BODY}]}`],
  ["an unknown version", "/models/iris/versions/7/predict", BODY],
  ["an unknown model", "/models/rose/predict", BODY],
  ["an escaped name", "/models/%69ris/predict", BODY],
];

describe("the fast path and the app send the same replies", () => {
  it.each(BODIES)("with %s", async (_title, path, body) => {
    const send = async (server: TestServer) => {
      const headers = { ...JSON_TYPE, "x-request-id": "same" };
      return toComparable(await server.send(path, { method: "POST", headers, body }));
    };
    await using fastPath = await startServer();
    await using app = await startServer({ fastPath: false });
    expect(await send(fastPath)).toEqual(await send(app));
    expect(await toStableMetrics(fastPath)).toEqual(await toStableMetrics(app));
  });

  it("within the rate limit, and above it", async () => {
    const send = async (server: TestServer) => {
      const headers = { ...JSON_TYPE, "x-request-id": "same" };
      const replies = [];
      for (let i = 0; i < 4; i++) {
        replies.push(await server.send("/predict", { method: "POST", headers, body: BODY }));
      }
      return replies.map(toComparable);
    };
    // One window of the limit, however long the requests take.
    const clock = { nowMs: () => Date.now(), monotonicSeconds: () => 1 };
    await using fastPath = await startServer({ rateLimit: 2 }, { clock });
    await using app = await startServer({ rateLimit: 2, fastPath: false }, { clock });
    const replies = await send(fastPath);
    expect(replies).toEqual(await send(app));
    expect(replies).toMatchObject([
      { status: 200, headers: { "x-ratelimit-remaining": "1" } },
      { status: 200, headers: { "x-ratelimit-remaining": "0" } },
      { status: 429, headers: { "retry-after": "1" } },
      { status: 429 },
    ]);
  });

  it("with a body that arrives in several chunks", async () => {
    await using server = await startServer();
    const rows = Array.from({ length: 9_000 }, () => [5.1, 3.5, 1.4, 0.2]);
    const { status, json } = await server.post("/predict/batch", { instances: rows });
    expect(status).toBe(200);
    expect(json.predictions).toHaveLength(9_000);
  });
});

/** The lines of /metrics that do not depend on time. */
async function toStableMetrics(server: TestServer): Promise<string[]> {
  const { text } = await server.get("/metrics");
  return text
    .split("\n")
    .filter(
      (line) => !/seconds|unique_clients|^#|^nodejs_|^process_/.test(line) || /_count/.test(line),
    );
}

const LENGTH = Buffer.byteLength(BODY);
const JSON_LINE = "Content-Type: application/json";

/** A request for a prediction, with more lines in its head. */
function toRequest(...more: readonly string[]): string {
  const head = ["POST /predict HTTP/1.1", "Host: localhost", JSON_LINE];
  return `${[...head, `Content-Length: ${LENGTH}`, ...more].join("\r\n")}\r\n\r\n${BODY}`;
}

const HEALTH = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LAST = HEALTH.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

/** Counts the requests that Node's HTTP server has read. */
function countRead({ server }: TestServer): () => number {
  let count = 0;
  server.app.server.on("request", () => (count += 1));
  return () => count;
}

const readStatuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = ""]) => status);

/** Opens a connection, and collects what it receives. */
async function open(server: TestServer): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1").setNoDelay(true);
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => {});
  await once(socket, "connect");
  return { socket, received: () => text };
}

/** A clock that can be set ahead. */
function createMovingClock() {
  let ahead = 0;
  return {
    nowMs: () => Date.now(),
    monotonicSeconds: () => performance.now() / 1_000 + ahead,
    move: (seconds: number) => void (ahead += seconds),
  };
}

const count = (server: TestServer, status: number): Promise<number> =>
  server.metric(`api_requests_total{method="POST",route="/predict",status="${status}"}`);

describe("the fast path", () => {
  it("reads predictions itself, and hands a connection over with its first other request", async () => {
    await using server = await startServer();
    const read = countRead(server);
    const text = await sendRaw(
      server.url,
      `${toRequest()}${toRequest()}${HEALTH}${toRequest()}${LAST}`,
    );
    expect(readStatuses(text)).toEqual(["200", "200", "200", "200", "200"]);
    // Two of five came before the first other one.
    expect(read()).toBe(3);
  });

  it("is off with --no-fast-path, and once the application adds a hook", async () => {
    await using off = await startServer({ fastPath: false });
    await using hooked = await startServer(
      {},
      {
        extend: ({ app }) =>
          app.addHook("onRequest", (_request, _reply, done) =>
            done(new TepalError("FORBIDDEN", "The shop is closed.")),
          ),
      },
    );
    for (const [server, status] of [
      [off, "200"],
      [hooked, "403"],
    ] as const) {
      const read = countRead(server);
      expect(readStatuses(await sendRaw(server.url, `${toRequest()}${LAST}`))[0]).toBe(status);
      expect(read()).toBe(2);
    }
  });

  it("replies to requests that were sent ahead in their order", async () => {
    await using server = await startServer();
    const requests = ["a", "b", "c", "d"].map((id) => toRequest(`X-Request-Id: ${id}`));
    const text = await sendRaw(server.url, `${requests.join("")}${LAST}`);
    expect([...text.matchAll(/"id":"(\w)"/g)].map(([, id]) => id)).toEqual(["a", "b", "c", "d"]);
    await expect.poll(() => count(server, 200)).toBe(4);
  });

  it("reads a body that arrives byte by byte", async () => {
    await using server = await startServer();
    const read = countRead(server);
    const { socket, received } = await open(server);
    const text = toRequest();
    socket.write(text.slice(0, -LENGTH));
    for (const byte of text.slice(-LENGTH)) {
      socket.write(byte);
      await sleep(1);
    }
    await expect.poll(() => readStatuses(received())).toEqual(["200"]);
    expect(read()).toBe(0);
  });

  it.each([true, false])(
    "drops the body of a rejected request (fast path: %s)",
    async (fastPath) => {
      await using server = await startServer(
        { fastPath, allowedHosts: ["a.example"], maxInFlight: 1 },
        {
          headChecks: [
            ({ url, headers }) =>
              url === "/predict" && headers["x-request-id"] === "no"
                ? new TepalError("FORBIDDEN", "Not today.")
                : undefined,
          ],
        },
      );
      const { socket, received } = await open(server);
      const refused = toRequest("X-Request-Id: no");
      socket.write(refused.slice(0, -LENGTH));
      // The reply does not wait for the body.
      await expect.poll(() => readStatuses(received())).toEqual(["403"]);
      socket.write(`${refused.slice(-LENGTH)}${toRequest()}${LAST}`);
      await once(socket, "close");
      expect(readStatuses(received())).toEqual(["403", "200", "200"]);
      expect(received()).toContain("Not today.");
    },
  );

  it.each([
    ["does not arrive", true, ["403", "408"]],
    ["does not arrive", false, ["403", "408"]],
    ["ends too early", true, ["403", "400"]],
    ["ends too early", false, ["403", "400"]],
  ])("ends a rejected request whose body %s (fast path: %s)", async (what, fastPath, expected) => {
    const headChecks = [() => new TepalError("FORBIDDEN", "Not today.")];
    await using server = await startServer({ fastPath, requestTimeout: 0.3 }, { headChecks });
    const { socket, received } = await open(server);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(toRequest().slice(0, -1));
    await expect.poll(() => readStatuses(received())).toEqual(["403"]);
    if (what === "ends too early") socket.end();
    await closed;
    expect(readStatuses(received())).toEqual(expected);
  });

  it.each([true, false])(
    "ends a request and a connection that are too slow (fast path: %s)",
    async (fastPath) => {
      await using server = await startServer({ fastPath, requestTimeout: 0.3 });
      const slow = await open(server);
      slow.socket.write(toRequest().slice(0, -1));
      const silent = await open(server);
      await Promise.all([once(slow.socket, "close"), once(silent.socket, "close")]);
      for (const { received } of [slow, silent]) {
        expect(readStatuses(received())).toEqual(["408"]);
      }
      await expect.poll(() => count(server, 499)).toBe(1);
      expect(await server.metric('api_connection_errors_total{reason="timeout"}')).toBe(2);
    },
  );

  it("closes an idle connection after 72 seconds, and no earlier", async () => {
    const clock = createMovingClock();
    await using server = await startServer({}, { clock });
    const { socket, received } = await open(server);
    socket.write(toRequest());
    await expect.poll(received).toContain('"prediction":0');
    clock.move(60);
    await sleep(1_200);
    socket.write(toRequest());
    await expect.poll(() => readStatuses(received())).toEqual(["200", "200"]);
    clock.move(73);
    await once(socket, "close");
  });

  /** Sends until all buffers between client and server are full. @returns the number of requests in flight */
  async function fill(server: TestServer, socket: Socket, text: string): Promise<number> {
    socket.pause();
    for (let sent = 0; socket.writableLength < 1_000_000 && sent < 2_000; sent++) {
      socket.write(text);
      await sleep(1);
    }
    expect(socket.writableLength).toBeGreaterThan(900_000);
    return server.metric("api_requests_in_flight");
  }

  it("reads no more from a client that does not read its replies, and ends it", async () => {
    await using server = await startServer({ requestTimeout: 0.5 });
    const { socket } = await open(server);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const waiting = await fill(server, socket, toRequest().repeat(100));
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(1_000);
    await closed;
    await expect.poll(() => count(server, 499)).toBe(waiting);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
  });

  it("serves a client that reads slowly, but steadily", async () => {
    await using server = await startServer({ requestTimeout: 0.4 });
    const { socket } = await open(server);
    let isClosed = false;
    socket.once("close", () => (isClosed = true));
    const body = `{"instances":[${Array.from({ length: 6_000 }, () => "[5,3,1,0]").join()}]}`;
    const batch = toRequest().replace("/predict", "/predict/batch");
    const text = batch.replace(`${LENGTH}`, `${body.length}`).replace(BODY, body);
    expect(await fill(server, socket, text)).toBeGreaterThan(0);
    let bytes = 0;
    socket.on("data", (chunk: string) => {
      bytes += chunk.length;
      socket.pause();
    });
    // A reply of 3 MB takes longer than the time-out of 0.8 s.
    const begun = performance.now();
    while (performance.now() - begun < 4_000) {
      if (bytes < 2 * (performance.now() - begun) * 1_000) socket.resume();
      await sleep(5);
    }
    expect(bytes).toBeGreaterThan(4e6);
    expect(isClosed).toBe(false);
  });

  it("reads a body that ends in the piece in which the next request begins", async () => {
    await using server = await startServer();
    const { socket, received } = await open(server);
    socket.write(toRequest().slice(0, -5));
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    socket.write(`${toRequest().slice(-5)}${toRequest()}${LAST}`);
    await once(socket, "close");
    expect(readStatuses(received())).toEqual(["200", "200", "200"]);
  });

  it.each([true, false])(
    "ends a request whose body arrives byte by byte, but too late (fast path: %s)",
    async (fastPath) => {
      await using server = await startServer({ fastPath, requestTimeout: 0.3 });
      const { socket, received } = await open(server);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      const text = toRequest();
      socket.write(text.slice(0, -LENGTH));
      for (const byte of text.slice(-LENGTH)) {
        if (received() !== "") break;
        socket.write(byte);
        await sleep(50);
      }
      expect(readStatuses(received())).toEqual(["408"]);
      socket.end();
      await closed;
    },
  );

  it("leaves the bytes of a reply alone that its client has not read", async () => {
    await using server = await startServer();
    const toBatch = (row: readonly number[]): string => {
      const body = JSON.stringify({ instances: Array.from({ length: 3_000 }, () => row) });
      const lines = ["POST /predict/batch HTTP/1.1", "Host: localhost", JSON_LINE];
      return `${lines.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    };
    const [setosa, virginica] = [toBatch([5.1, 3.5, 1.4, 0.2]), toBatch([6.3, 3.3, 6, 2.5])];
    const series = 'api_requests_total{method="POST",route="/predict/batch",status="200"}';
    const late = await open(server);
    late.socket.pause();
    late.socket.write(`${setosa.repeat(60)}${LAST}`);
    // Until the buffers of the system are full.
    let taken = -1;
    for (let now = 0; now > taken || now === 0; now = await server.metric(series)) {
      taken = now;
      await sleep(200);
    }
    expect(taken).toBeLessThan(60);
    const other = await sendRaw(server.url, `${virginica.repeat(5)}${LAST}`);
    expect(readStatuses(other)).toHaveLength(6);
    late.socket.resume();
    await once(late.socket, "close");
    expect(readStatuses(late.received())).toHaveLength(61);
    const bodies = late.received().match(/\{"predictions".*\}/g) ?? [];
    expect(bodies).toHaveLength(60);
    const counts = bodies.map((body) => body.split('"label":"setosa"').length - 1);
    expect(new Set(counts)).toEqual(new Set([3_000]));
  });

  it("closes idle connections when the server stops, and those in use after their replies", async () => {
    await using server = await startServer({ drainTimeout: 10 });
    const idle = await open(server);
    idle.socket.write(toRequest());
    await expect.poll(idle.received).toContain('"prediction":0');
    const busy = await open(server);
    busy.socket.write(toRequest().slice(0, -1));
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    const begun = performance.now();
    const closed = server.server.close();
    busy.socket.write(toRequest().slice(-1));
    await Promise.all([once(idle.socket, "close"), once(busy.socket, "close"), closed]);
    expect(busy.received()).toContain('"prediction":0');
    expect(busy.received()).toMatch(/^connection: close\r$/im);
    expect(performance.now() - begun).toBeLessThan(9_000);
  });

  it("counts a client that leaves within its body as 499", async () => {
    await using server = await startServer();
    const { socket } = await open(server);
    socket.write(toRequest().slice(0, -1));
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    socket.resetAndDestroy();
    await expect.poll(() => count(server, 499)).toBe(1);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
  });

  it("replies 400 to a client that closes its side within its body", async () => {
    await using server = await startServer();
    const text = await sendRaw(server.url, toRequest().slice(0, -1), { end: true });
    expect(readStatuses(text)).toEqual(["400"]);
  });

  it.each([true, false])(
    "sends the reply that closes to a client that still sends its body (fast path: %s)",
    async (fastPath) => {
      await using server = await startServer({ fastPath });
      const { socket, received } = await open(server);
      let failure: unknown;
      socket.on("error", (error) => (failure = error));
      const closed = new Promise((resolve) => socket.once("close", resolve));
      const head = ["POST /predict HTTP/1.1", "Host: evil.example", JSON_LINE];
      socket.write(`${head.join("\r\n")}\r\nContent-Length: 60000\r\n\r\n`);
      for (let i = 0; i < 6; i++) {
        await sleep(20);
        socket.write(" ".repeat(10_000));
      }
      socket.end();
      await closed;
      expect(failure).toBeUndefined();
      expect(readStatuses(received())).toEqual(["403"]);
    },
  );

  it("keeps a connection open whose request id is the name of a header", async () => {
    await using server = await startServer();
    const text = await sendRaw(
      server.url,
      `${toRequest("X-Request-Id: connection")}${toRequest()}${LAST}`,
    );
    expect(readStatuses(text)).toEqual(["200", "200", "200"]);
  });

  it("holds no memory for idle connections", async () => {
    await using server = await startServer();
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const body = `{"instances":[[5.1,3.5,1.4,0.2]]}${" ".repeat(60_000)}`;
    const request = toRequest().replace("/predict", "/predict/batch");
    const text = request.replace(`${LENGTH}`, `${body.length}`).replace(BODY, body);
    const connections = await Promise.all(Array.from({ length: 200 }, () => open(server)));
    for (const { socket } of connections) socket.write(text);
    for (const { received } of connections) {
      await expect.poll(() => readStatuses(received())).toEqual(["200"]);
    }
    // 12 MB were sent.
    await expect
      .poll(() => {
        collect();
        return process.memoryUsage().arrayBuffers - before;
      })
      .toBeLessThan(4e6);
  });

  it("finds clients behind trusted proxies", async () => {
    await using server = await startServer({ rateLimit: 1, trustProxy: ["127.0.0.1"] });
    const from = (address: string): string => toRequest(`X-Forwarded-For: ${address}`);
    const requests = [from("1.2.3.4"), from("1.2.3.4"), from("5.6.7.8")];
    const text = await sendRaw(server.url, `${requests.join("")}${LAST}`);
    expect(readStatuses(text)).toEqual(["200", "429", "200", "200"]);
  });

  it("logs its requests with --log-level debug", async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const logger = pino({ level: "debug" }, stream);
    await using server = await startServer({}, { logger });
    await sendRaw(server.url, `${toRequest("X-Request-Id: order-17")}${LAST}`);
    await expect.poll(() => lines.filter((line) => line.includes("order-17"))).toHaveLength(1);
    expect(JSON.parse(lines.find((line) => line.includes("order-17")) ?? "")).toMatchObject({
      method: "POST",
      url: "/predict",
      status: 200,
      ip: "127.0.0.1",
    });
  });
});

describe("an overloaded server", () => {
  it.each([true, false])(
    "rejects a request before it looks at its key (fast path: %s)",
    async (fastPath) => {
      await using folder = await createFolder();
      const apiKeysFile = `${folder.path}/keys.json`;
      const { text: key, stored } = createKey("a shop", "predict", "2026-01-01T00:00:00.000Z");
      await writeKeysFile(apiKeysFile, [stored]);
      await using server = await startServer({ fastPath, apiKeysFile, maxInFlight: 1 });
      const held = await open(server);
      held.socket.write(toRequest(`Authorization: Bearer ${key}`).slice(0, -1));
      const text = async (): Promise<string> => sendRaw(server.url, `${toRequest()}${LAST}`);
      await expect.poll(async () => readStatuses(await text())[0]).toBe("503");
    },
  );
});

describe("a check of the application", () => {
  it.each([true, false])(
    "that throws fails the request alone (fast path: %s)",
    async (fastPath) => {
      const headChecks = [
        ({ headers }: CheckedRequest) => {
          if (headers["x-request-id"] === "odd") throw new Error("a secret");
          return undefined;
        },
      ];
      await using server = await startServer({ fastPath }, { headChecks });
      const requests = `${toRequest("X-Request-Id: odd")}${toRequest()}${LAST}`;
      const text = await sendRaw(server.url, requests);
      expect(readStatuses(text)).toEqual(["500", "200", "200"]);
      expect(text).not.toContain("a secret");
    },
  );

  it.each([true, false])("gets the API key of a request (fast path: %s)", async (fastPath) => {
    await using folder = await createFolder();
    const apiKeysFile = `${folder.path}/keys.json`;
    const { text: key, stored } = createKey("a shop", "predict", "2026-01-01T00:00:00.000Z");
    await writeKeysFile(apiKeysFile, [stored]);
    const seen: unknown[] = [];
    const headChecks = [
      ({ url, apiKeyId }: CheckedRequest) => {
        seen.push([url, apiKeyId]);
        return undefined;
      },
    ];
    await using server = await startServer({ fastPath, apiKeysFile }, { headChecks });
    const text = await sendRaw(
      server.url,
      `${toRequest()}${toRequest(`Authorization: Bearer ${key}`)}${LAST}`,
    );
    expect(readStatuses(text)).toEqual(["401", "200", "200"]);
    expect(seen).toEqual([
      ["/predict", stored.id],
      ["/health/live", null],
    ]);
  });

  const REFUSED = new TepalError("FORBIDDEN", "The shop is closed.");
  const OTHERS: Readonly<Record<string, string>> = {
    "the fast path": "",
    "Node's parser": "Connection: close",
    "a stream": "",
  };

  it.each(Object.keys(OTHERS))("rejects requests on %s, with the same reply", async (road) => {
    const seen: unknown[] = [];
    await using server = await startServer(
      {},
      {
        headChecks: [
          ({ method, url, headers, clientAddress, apiKeyId }) => {
            seen.push({ method, url, host: headers.host, clientAddress, apiKeyId });
            return url?.startsWith("/predict") === true ? REFUSED : undefined;
          },
        ],
      },
    );
    const head =
      road === "a stream"
        ? "POST /predict/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 0\r\n\r\n"
        : toRequest(...(OTHERS[road] === "" ? [] : [OTHERS[road] ?? ""]));
    const text = await sendRaw(server.url, `${head}${OTHERS[road] === "" ? LAST : ""}`);
    const [, first = ""] = text.split("HTTP/1.1 ");
    expect(first).toMatch(/^403 /);
    expect(first).toContain("The shop is closed.");
    expect(first).toMatch(/^x-request-id: [\da-f]{32}\r$/m);
    expect(first).toMatch(/^x-content-type-options: nosniff\r$/m);
    expect(seen[0]).toEqual({
      method: "POST",
      url: road === "a stream" ? "/predict/batch" : "/predict",
      host: "localhost",
      clientAddress: "127.0.0.1",
      apiKeyId: null,
    });
  });
});
