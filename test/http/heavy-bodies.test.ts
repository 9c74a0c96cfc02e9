import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { request } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { measureBuffers } from "../support/memory.ts";
import { toIrisObject } from "../support/models.ts";
import { startServer, waitForEndOfStart } from "../support/server.ts";
import { startWorkers } from "../support/workers.ts";

const MEBIBYTE = 1_048_576;
const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);

/** Repeats a piece of JSON until it fills a size. */
function fill(open: string, piece: string, close: string, bytes = 16 * MEBIBYTE - 64): string {
  return `${open}${piece.repeat(Math.floor(bytes / piece.length)).slice(0, -1)}${close}`;
}

/** Returns an object of 19,000 keys that no other row has. */
function manyKeys(row: number): string {
  return `{${Array.from({ length: 19_000 }, (_, i) => `"${row}_${i}":0`).join()}}`;
}

describe("a body whose JSON costs more than it weighs", () => {
  it.each([
    ["levels", "[".repeat(MEBIBYTE - 64), "too many nested levels"],
    ["arrays", fill('{"instances":[', "[],", "]}", 2 * MEBIBYTE), "too many values"],
    ["objects", fill('{"instances":[', '{"a":{}},', "]}", 2 * MEBIBYTE), "too many values"],
    ["keys", `{"instances":[${manyKeys(0)},${manyKeys(1)}]}`, "too many different keys"],
  ])("with many %s is rejected before it is parsed", async (_what, json, reason) => {
    await using server = await startServer();
    const reply = await server.send("/predict/batch", {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: gzipSync(json),
    });
    expect([reply.status, reply.json.detail]).toEqual([422, `The body has ${reason}.`]);
  });

  it("is small by default for a row, and larger for a batch", async () => {
    await using server = await startServer();
    const body = `{"x": "${"y".repeat(2 * MEBIBYTE)}"}`;
    const send = (path: string) =>
      server.send(path, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect((await send("/predict")).status).toBe(413);
    expect((await send("/models/iris/predict")).status).toBe(413);
    expect((await send("/predict/batch")).status).toBe(422);
    expect((await send("/models/iris/versions/1/predict/batch")).status).toBe(422);
  });
});

/** Returns the seconds that parsing takes. */
function measureParse(json: string): number {
  const begun = performance.now();
  JSON.parse(json);
  return (performance.now() - begun) / 1_000;
}

describe("a flood of compressed bodies", () => {
  it("leaves health checks and the workers alone", async () => {
    const words = ["--worker-timeout", "15", "--max-event-loop-lag", "1"];
    await using workers = await startWorkers(2, words);
    const before = await workers.pids();
    const arrays = fill('{"instances":[', "[],", "]}");
    // The property is a time: the health check of an orchestrator fails after a second. On a busy machine everything takes longer, so the
    // bound is that of a few parsed bodies; without the limits each worker parses a dozen in a row, and is killed as hung.
    const seconds = Math.max(1, 4 * measureParse(arrays));
    const bodies = [
      fill("", "[[", ""),
      arrays,
      // The most expensive bodies that are parsed.
      fill('{"instances":[', "[],", "]}", 3 * 500_000),
      `{"instances":[${Array.from({ length: 50 }, (_, row) => manyKeys(row)).join()}]}`,
      `{"instances":[${`${manyKeys(0)},`.repeat(25)}0]}`,
    ].map((json) => gzipSync(json));
    const statuses = new Set<number>();
    const clients = Array.from({ length: 12 }, async (_, i) => {
      for (let round = 0; round < 2; round++) {
        const reply = await request(`${workers.url}/predict/batch`, {
          method: "POST",
          headers: { "content-type": "application/json", "content-encoding": "gzip" },
          body: bodies[(i + round) % bodies.length] ?? null,
        });
        await reply.body.dump();
        statuses.add(reply.statusCode);
      }
    });
    const over = new AbortController();
    const flood = Promise.all(clients).finally(() => over.abort());
    let longest = 0;
    while (!over.signal.aborted) {
      const begun = performance.now();
      const reply = await request(`${workers.url}/health/live`);
      await reply.body.dump();
      expect(reply.statusCode).toBe(200);
      longest = Math.max(longest, (performance.now() - begun) / 1_000);
      await sleep(10);
    }
    await flood;
    expect([...statuses].filter((status) => status !== 422 && status !== 503)).toEqual([]);
    expect(statuses).toContain(422);
    expect(longest).toBeLessThan(seconds);
    expect(await workers.pids()).toEqual(before);
  });
});

/** Opens a connection that sends the beginning of a batch. */
async function sendBegin(url: string, begin: Buffer, length: number): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(
    `POST /predict/batch HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
  );
  socket.write(begin);
  return socket;
}

describe("unfinished bodies", () => {
  const BEGIN = Buffer.from(fill("", " ", "", 11 * MEBIBYTE));
  const BODY_MEMORY = 40 * MEBIBYTE;

  it("hold bounded memory over all requests, which a closed connection frees", async () => {
    await using server = await startServer({ bodyMemory: BODY_MEMORY });
    const before = measureBuffers();
    const sockets = await Promise.all(
      Array.from({ length: 30 }, () => sendBegin(server.url, BEGIN, 12 * MEBIBYTE)),
    );
    const rejected = `api_overload_total{reason="body_memory"}`;
    while ((await server.metric(rejected)) < 27) await sleep(10);
    await expect.poll(() => measureBuffers() - before).toBeLessThan(3 * BODY_MEMORY);
    // An ordinary prediction still fits.
    expect((await server.post("/predict", ROW)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    while ((await server.metric("api_requests_in_flight")) > 0) await sleep(10);
    // It would not fit beside a body that still counts.
    const large = Buffer.concat([BEGIN, Buffer.from('{"instances": [[5.1, 3.5, 1.4, 0.2]]}')]);
    const { status } = await server.send("/predict/batch", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: large,
    });
    expect(status).toBe(200);
  });
});

describe("a body that arrives after the server has become overloaded", () => {
  it.each([
    ["the fast path", { "content-length": "{length}" }],
    ["the routes", { "content-length": "{length}", origin: "http://elsewhere.example" }],
  ])("is not parsed, on %s", async (_name, headers) => {
    let now = 1;
    let step = 0;
    const clock = { nowMs: () => 0, monotonicSeconds: () => (now += step) };
    await using server = await startServer({}, { clock });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    const body = JSON.stringify(ROW);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST /predict HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n${lines.join("")}\r\n`;
    socket.write(head.replace("{length}", String(body.length)));
    while ((await server.metric("api_requests_in_flight")) < 1) await sleep(10);
    await waitForEndOfStart();
    // Each look at the clock now finds a lag of 100 seconds.
    step = 100;
    socket.write(body);
    while (!received.includes("OVERLOADED")) await sleep(10);
    expect(received).toMatch(/^HTTP\/1\.1 503 /);
    expect(await server.metric('api_overload_total{reason="event_loop"}')).toBe(1);
    expect(await server.metric('predictions_total{model="iris"}')).toBe(0);
  });
});
