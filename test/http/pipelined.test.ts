import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startServer, type TestServer } from "../support/server.ts";

const BODY = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const TYPE = "Content-Type: application/json";

function toRequest(line: string, ...headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, "Host: localhost", ...headers].join("\r\n")}\r\n\r\n`;
}

/** A request for a prediction. */
function predict(...headers: readonly string[]): string {
  const length = `Content-Length: ${BODY.length}`;
  return toRequest("POST /predict", TYPE, length, ...headers) + BODY;
}

const HEALTH = toRequest("GET /health/live");
const LAST = toRequest("GET /health/live", "Connection: close");
const ZIPPED = gzipSync(BODY);
/** A request that is not served at once: a thread decompresses its body. */
const SLOW = Buffer.concat([
  Buffer.from(
    toRequest("POST /predict", TYPE, "Content-Encoding: gzip", `Content-Length: ${ZIPPED.length}`),
  ),
  ZIPPED,
]);
const FOREIGN = predict().replace("Host: localhost", "Host: evil.example");
const TOO_LARGE = `64\r\n${"x".repeat(100)}\r\n`.repeat(60);
const CHUNKED = toRequest("POST /predict", TYPE, "Transfer-Encoding: chunked");

/** Returns the sum of the series of a counter whose labels contain a string. */
async function count({ get }: TestServer, name: string, label = ""): Promise<number> {
  const { text } = await get("/metrics");
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
    .filter((line) => !line.includes('route="/metrics"'))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe.each([true, false])("requests sent ahead (fast path: %s)", (fastPath) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ fastPath, bodyLimit: 5_000 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each<[string, string | Buffer, statuses: number[], errors: number]>([
    ["ordinary ones", predict() + HEALTH + predict() + LAST, [200, 200, 200, 200], 0],
    [
      "some behind a body that is too large",
      `${CHUNKED}${TOO_LARGE}0\r\n\r\n${HEALTH}${LAST}`,
      [413],
      0,
    ],
    ["malformed HTTP in a body that is too large", `${CHUNKED}${TOO_LARGE}x`, [413], 0],
    ["some behind one that closes", HEALTH + FOREIGN + predict() + LAST, [200, 403], 0],
    ["some behind one with Connection: close", LAST + HEALTH + predict(), [200], 0],
    [
      "some behind one with Upgrade, for another protocol",
      HEALTH +
        toRequest("GET /health/live", "Connection: upgrade", "Upgrade: h2c") +
        predict() +
        LAST,
      [200, 200],
      0,
    ],
    ["malformed HTTP behind one that closes", HEALTH + FOREIGN + "x\r\n\r\n", [200, 403], 0],
    [
      "malformed HTTP behind one that closes later",
      Buffer.concat([SLOW, Buffer.from(`${FOREIGN}x\r\n\r\n`)]),
      [200, 403],
      0,
    ],
    ["malformed HTTP behind others", HEALTH + predict() + "x\r\n\r\n", [200, 200, 400], 1],
    ["a tunnel", HEALTH + predict() + toRequest("CONNECT a:1") + LAST, [200, 200, 405], 1],
    [
      "an unknown expectation",
      HEALTH + predict() + predict("Expect: nothing") + LAST,
      [200, 200, 417],
      1,
    ],
    [
      "an expectation with an empty body",
      HEALTH + toRequest("POST /predict", TYPE, "Content-Length: 0", "Expect: 100-continue") + LAST,
      [200, 400],
      0,
    ],
    [
      "bodies that come without waiting for 100",
      predict("Expect: 100-continue").repeat(2) + LAST,
      [100, 200, 100, 200, 200],
      0,
    ],
  ])("get replies in order, and are counted: %s", async (_title, text, statuses, errors) => {
    const requestsBefore = await count(server, "api_requests_total");
    const closedBefore = await count(server, "api_requests_total", 'status="499"');
    const errorsBefore = await count(server, "api_connection_errors_total");
    const received = await sendRaw(server.url, text);
    const found = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
    expect(found).toEqual(statuses);
    const requests = statuses.filter((status) => status !== 100).length - errors;
    await expect
      .poll(async () => (await count(server, "api_requests_total")) - requestsBefore)
      .toBe(requests);
    expect((await count(server, "api_connection_errors_total")) - errorsBefore).toBe(errors);
    expect(await count(server, "api_requests_total", 'status="499"')).toBe(closedBefore);
  });

  it.each([
    ["of an open one, with a short body", "Content-Length: 2", "{}", "keep-alive"],
    [
      "none, which is an open one, with another charset",
      `Content-Length: 2\r\n${TYPE}; charset=latin1`,
      "{}",
      undefined,
    ],
    [
      "of a closing one, with chunks",
      `Transfer-Encoding: chunked\r\n${TYPE}; charset=latin1`,
      "2\r\n{}\r\n0\r\n\r\n",
      "close",
    ],
  ])("have the headers of their connection: %s", async (_title, headers, body, expected) => {
    const unsupported = toRequest("POST /predict", headers) + body;
    // Alone, and behind a request that is not served at once.
    for (const before of [Buffer.from(HEALTH), Buffer.concat([Buffer.from(HEALTH), SLOW])]) {
      const received = await sendRaw(
        server.url,
        Buffer.concat([before, Buffer.from(unsupported + LAST)]),
      );
      const reply = received.split("HTTP/1.1 ").find((text) => text.startsWith("415")) ?? "";
      expect(/^connection: (.*)\r$/im.exec(reply)?.[1]).toBe(expected);
    }
  });

  it("are read only up to a limit while an earlier one is served", async () => {
    const slow = Promise.withResolvers<string>();
    await using own = await startServer(
      { fastPath },
      { extend: ({ app }) => void app.get("/slow", () => slow.promise) },
    );
    let read = 0;
    own.server.app.server.on("request", () => (read += 1));
    const received = sendRaw(own.url, toRequest("GET /slow") + HEALTH.repeat(20_000) + LAST);
    await expect.poll(() => read).toBeGreaterThan(100);
    // In each of these replies, the server has read from all connections.
    for (let i = 0; i < 50; i++) await own.get("/health/live");
    // One piece of input, and the requests of the replies above.
    expect(read).toBeLessThan(5_000);
    slow.resolve("done");
    expect((await received).match(/HTTP\/1\.1 200 /g)).toHaveLength(20_002);
  });

  it("close their connection if their replies are not read, also with a tunnel behind them", async () => {
    const large = "x".repeat(20_000_000);
    await using own = await startServer(
      { fastPath, requestTimeout: 0.4 },
      { extend: ({ app }) => void app.get("/large", () => large) },
    );
    const { hostname, port } = new URL(own.url);
    const socket: Socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.pause();
    socket.write(toRequest("GET /large") + toRequest("CONNECT a:1"));
    await expect.poll(() => count(own, "api_requests_total", 'status="499"')).toBe(1);
    expect(await own.metric("api_requests_in_flight")).toBe(0);
    socket.destroy();
  });
});
