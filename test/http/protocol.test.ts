import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startServer, type TestServer } from "../support/server.ts";

const BODY = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const CHUNKS = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const HOST = "Host: localhost";
const JSON_TYPE = "Content-Type: application/json";
const CHUNKED = "Transfer-Encoding: chunked";

const CLOSE = "Connection: close";
const LENGTH = `Content-Length: ${BODY.length}`;

function toHead(line: string, ...headers: readonly string[]): string {
  return [line, ...headers, "", ""].join("\r\n");
}

const POST = "POST /predict HTTP/1.1";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ bodyLimit: 5_000, batchLimit: 5_000 });
});
afterAll(() => server[Symbol.asyncDispose]());

describe("HTTP/1.1", () => {
  it.each([
    ["two Host headers", 400, toHead("GET /health/live HTTP/1.1", HOST, HOST)],
    [
      "two Host headers on the fast path",
      400,
      `${toHead(POST, HOST, "Host: evil.example", JSON_TYPE, LENGTH)}${BODY}`,
    ],
    ["an empty Host header", 400, toHead("GET /health/live HTTP/1.1", "Host:")],
    [
      "HTTP/1.0 with chunks",
      400,
      `${toHead("POST /predict HTTP/1.0", HOST, JSON_TYPE, CHUNKED)}${CHUNKS}`,
    ],
    [
      "HTTP/1.0 with chunks on a route without a body",
      400,
      `${toHead("GET /models HTTP/1.0", HOST, CHUNKED)}0\r\n\r\n`,
    ],
    [
      "gzip, chunked",
      501,
      `${toHead(POST, HOST, JSON_TYPE, "Transfer-Encoding: gzip, chunked")}${CHUNKS}`,
    ],
    [
      "a coding that is not the last",
      501,
      toHead(POST, HOST, JSON_TYPE, "Transfer-Encoding: gzip"),
    ],
    ["an unknown coding", 501, toHead(POST, HOST, JSON_TYPE, "Transfer-Encoding: xchunked")],
    ["chunks of chunks", 400, `${toHead(POST, HOST, CHUNKED, CHUNKED)}${CHUNKS}`],
    ["GET of *", 400, toHead("GET * HTTP/1.1", HOST)],
    ["POST to *", 400, `${toHead("POST * HTTP/1.1", HOST, JSON_TYPE, LENGTH)}${BODY}`],
    ["HTTP/2 without its preface", 505, toHead("GET /models HTTP/2.0", HOST)],
    [
      "HTTP/2 on the fast path",
      505,
      `${toHead("POST /predict HTTP/2.0", HOST, JSON_TYPE, LENGTH)}${BODY}`,
    ],
    ["CONNECT", 405, toHead("CONNECT localhost:80 HTTP/1.1", HOST)],
  ])("rejects %s with %i, and closes the connection", async (_what, status, text) => {
    const received = await sendRaw(server.url, text);
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(received).toMatch(/\r\ncontent-type: application\/problem\+json/i);
    expect(received.match(/^HTTP\/1/gm)).toHaveLength(1);
    expect((await server.get("/health/live")).status).toBe(200);
  });

  it.each(["TRACE", "PROPFIND", "QUERY", "LOCK", "M-SEARCH"])(
    "answers %s with 405 and the methods of the path",
    async (method) => {
      for (const [path, allow] of [
        ["/predict", "POST"],
        ["/models", "GET, HEAD"],
        ["/docs", "GET, HEAD"],
      ]) {
        const received = await sendRaw(
          server.url,
          toHead(`${method} ${path} HTTP/1.1`, HOST, CLOSE),
        );
        expect(received).toMatch(/^HTTP\/1\.1 405 /);
        expect(received).toMatch(new RegExp(`\r\nallow: ${allow}\r\n`, "i"));
        expect(received).toContain("METHOD_NOT_ALLOWED");
      }
      const unknown = await sendRaw(server.url, toHead(`${method} /nothing HTTP/1.1`, HOST, CLOSE));
      expect(unknown).toMatch(/^HTTP\/1\.1 404 /);
    },
  );

  it("accepts chunks in any case", async () => {
    const coding = "TRANSFER-ENCODING: Chunked";
    const received = await sendRaw(
      server.url,
      `${toHead(POST, HOST, JSON_TYPE, coding, CLOSE)}${CHUNKS}`,
    );
    expect(received).toMatch(/^HTTP\/1\.1 200 /);
  });
});

const EXPECT = "Expect: 100-continue";

describe("Expect: 100-continue", () => {
  it.each<[what: string, status: number, line: string, ...headers: string[]]>([
    ["a JSON body that is too large", 413, POST, JSON_TYPE, "Content-Length: 5001"],
    [
      "a batch that is too large",
      413,
      "POST /predict/batch HTTP/1.1",
      JSON_TYPE,
      "Content-Length: 9999999999",
    ],
    ["an unknown path", 404, "POST /nothing HTTP/1.1", JSON_TYPE, LENGTH],
    ["another method", 405, "PUT /predict HTTP/1.1", JSON_TYPE, LENGTH],
    ["another type", 415, POST, "Content-Type: text/plain", LENGTH],
    ["an unknown coding", 415, POST, JSON_TYPE, "Content-Encoding: deflate", LENGTH],
    [
      "a stream in an unknown charset",
      415,
      "POST /predict/batch HTTP/1.1",
      "Content-Type: text/csv; charset=latin1",
      CHUNKED,
    ],
    [
      "an unacceptable reply",
      406,
      "POST /predict/batch HTTP/1.1",
      "Content-Type: text/csv",
      "Accept: image/png",
      CHUNKED,
    ],
    ["a foreign host", 403, POST, "Host: evil.example", JSON_TYPE, LENGTH],
  ])("with %s gets %i and no 100, and closes", async (_what, status, line, ...headers) => {
    const host = headers.some((header) => header.startsWith("Host:")) ? [] : [HOST];
    // The client waits with its body, as it should: only the server ends the connection.
    const received = await sendRaw(server.url, toHead(line, ...host, ...headers, EXPECT));
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(received).toMatch(/\r\nconnection: close\r\n/i);
  });

  it.each([
    ["a row", POST, JSON_TYPE, BODY, '"prediction"'],
    [
      "a stream",
      "POST /predict/batch HTTP/1.1",
      "Content-Type: text/csv",
      "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n",
      "setosa",
    ],
  ])("gets 100 for %s, then the reply", async (_what, line, type, body, expected) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    const chunks: string[] = [];
    socket.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
    socket.write(toHead(line, HOST, type, `Content-Length: ${body.length}`, EXPECT, CLOSE));
    await once(socket, "data");
    expect(chunks.join("")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(body);
    await once(socket, "close");
    const received = chunks.join("");
    expect(received.match(/^HTTP\/1\.1 \d+/gm)).toEqual(["HTTP/1.1 100", "HTTP/1.1 200"]);
    expect(received).toContain(expected);
  });

  it("closes the connection after a reply that comes instead, also to a request without a body", async () => {
    const one = toHead("GET /health/live HTTP/1.1", HOST, "Expect: 100-continue");
    const rest = `${toHead(POST, HOST, JSON_TYPE, LENGTH)}${BODY}garbage\r\n\r\n`;
    const received = await sendRaw(server.url, one + rest);
    // What was sent behind it is not served.
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
    expect(received).toMatch(/^connection: close\r$/im);
  });

  it("gets 100 on a connection that was kept open", async () => {
    const whole = `${toHead(POST, HOST, JSON_TYPE, LENGTH, EXPECT)}${BODY}`;
    const last = `${toHead(POST, HOST, JSON_TYPE, LENGTH, EXPECT, CLOSE)}${BODY}`;
    const received = await sendRaw(server.url, whole + last);
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual([
      "HTTP/1.1 100",
      "HTTP/1.1 200",
      "HTTP/1.1 100",
      "HTTP/1.1 200",
    ]);
  });
});
