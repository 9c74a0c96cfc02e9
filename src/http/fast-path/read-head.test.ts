import { describe, expect, it } from "vitest";
import { createMetrics } from "../../metrics/create-metrics.ts";
import { pino } from "pino";
import { systemClock } from "../../kernel/clock.ts";
import { createInFlight } from "../limits/in-flight.ts";
import { createUniqueClients } from "../limits/unique-clients.ts";
import { createRequestMeter } from "../request-meter.ts";
import { createRouteFinder } from "./find-route.ts";
import { createHeadReader } from "./read-head.ts";

const HEAD = [
  "POST /predict HTTP/1.1",
  "Host: localhost",
  "Content-Type: application/json",
  "Content-Length: 75",
];

function createReader() {
  const meter = createRequestMeter({
    metrics: createMetrics({ process: false }),
    clock: systemClock,
    clients: createUniqueClients(systemClock),
    inFlight: createInFlight(),
    logger: pino({ level: "silent" }),
  });
  return createHeadReader(createRouteFinder(meter, { bodyLimit: 50_000, batchLimit: 100_000 }));
}

const toBytes = (lines: readonly string[]): Buffer =>
  Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");

/** The head, with one line instead of another. */
const replace = (index: number, line: string): string[] => HEAD.with(index, line);

describe("the fast path reads", () => {
  it.each<[title: string, lines: readonly string[]]>([
    ["the least head", HEAD],
    ["a charset", replace(2, "content-type: application/json; charset=utf-8")],
    ["a model's path", replace(0, "POST /models/iris/predict HTTP/1.1")],
    ["a version's batch", replace(0, "POST /models/iris/versions/12/predict/batch HTTP/1.1")],
    ["a connection that stays open", [...HEAD, "Connection: Keep-Alive"]],
    ["spaces around a value", [...HEAD, "User-Agent:   a b  "]],
    ["a key", [...HEAD, "Authorization: Bearer tpl_1"]],
    ["names of proxies and tracers", [...HEAD, "X-Forwarded-For: 1.2.3.4", "traceparent: 00-1-2"]],
    ["the headers of fetch", [...HEAD, "sec-fetch-mode: cors", "accept-language: *"]],
    ["the largest body", replace(3, "Content-Length: 50000")],
  ])("%s", (_title, lines) => {
    const bytes = toBytes(lines);
    const head = createReader()(bytes, 0);
    expect(head?.size).toBe(bytes.length);
  });

  it("a head behind other bytes, and its fields", () => {
    const bytes = Buffer.concat([Buffer.from("{}"), toBytes([...HEAD, "X-Request-Id: a"])]);
    expect(createReader()(bytes, 2)).toMatchObject({
      url: "/predict",
      bodyLength: 75,
      size: bytes.length - 2,
      headers: {
        host: "localhost",
        "content-type": "application/json",
        "content-length": "75",
        "x-request-id": "a",
      },
    });
  });

  it("a known head once, unless it has a secret or an id", () => {
    const read = createReader();
    const twice = (lines: readonly string[]): boolean =>
      read(toBytes(lines), 0) === read(toBytes(lines), 0);
    expect(twice(HEAD)).toBe(true);
    for (const name of ["Authorization", "X-API-Key", "Cookie", "X-Request-Id", "X-Auth-Token"]) {
      const field = `${name}: a`;
      expect(twice([...HEAD, field])).toBe(false);
    }
  });
});

describe("the fast path leaves to Node", () => {
  it.each<[title: string, lines: readonly string[]]>([
    ["another method", replace(0, "PUT /predict HTTP/1.1")],
    ["a method in lower case", replace(0, "post /predict HTTP/1.1")],
    ["HTTP/1.0", replace(0, "POST /predict HTTP/1.0")],
    ["two spaces", replace(0, "POST  /predict HTTP/1.1")],
    ["a space at the end of the line", replace(0, "POST /predict HTTP/1.1 ")],
    ["a query", replace(0, "POST /predict?a=1 HTTP/1.1")],
    ["a fragment", replace(0, "POST /predict#a HTTP/1.1")],
    ["an absolute URL", replace(0, "POST http://localhost/predict HTTP/1.1")],
    ["an escaped path", replace(0, "POST /models/%69ris/predict HTTP/1.1")],
    ["another path", replace(0, "POST /predicts HTTP/1.1")],
    ["a version that is no number", replace(0, "POST /models/a/versions/01/predict HTTP/1.1")],
    ["no Host", HEAD.toSpliced(1, 1)],
    ["two Hosts", [...HEAD, "Host: localhost"]],
    ["an empty Host", replace(1, "Host:")],
    ["another type", replace(2, "Content-Type: text/csv")],
    ["another charset", replace(2, "Content-Type: application/json; charset=latin1")],
    ["no length", HEAD.toSpliced(3, 1)],
    ["a length of 0", replace(3, "Content-Length: 0")],
    ["a length with a sign", replace(3, "Content-Length: +75")],
    ["a length with a zero in front", replace(3, "Content-Length: 075")],
    ["a length in hexadecimal", replace(3, "Content-Length: 0x4b")],
    ["two lengths", [...HEAD, "Content-Length: 75"]],
    ["a list of lengths", replace(3, "Content-Length: 75, 75")],
    ["a larger body", replace(3, "Content-Length: 50001")],
    [
      "a body above 64 KiB",
      ["POST /predict/batch HTTP/1.1", ...replace(3, "Content-Length: 65537").slice(1)],
    ],
    ["chunks", [...HEAD, "Transfer-Encoding: chunked"]],
    ["an encoding", [...HEAD, "Content-Encoding: identity"]],
    ["an expectation", [...HEAD, "Expect: 100-continue"]],
    ["an upgrade", [...HEAD, "Upgrade: h2c"]],
    ["a connection that closes", [...HEAD, "Connection: close"]],
    ["a list of connection options", [...HEAD, "Connection: keep-alive, te"]],
    ["a page's request", [...HEAD, "Origin: http://a.example"]],
    ["an unknown name", [...HEAD, "Trailer: a"]],
    ["a name that stands twice", [...HEAD, "X-A: 1", "x-a: 2"]],
    ["an empty value", [...HEAD, "X-A:"]],
    ["a space before the colon", [...HEAD, "X-A : 1"]],
    ["a space in front of a name", [...HEAD, " X-A: 1"]],
    ["a folded value", [...HEAD, "X-A: 1", "\tb: 2"]],
    ["a tab", [...HEAD, "X-A: a\tb"]],
    ["a bare line feed", [...HEAD, "X-A: 1\nX-B: 2"]],
    ["a bare carriage return", [...HEAD, "X-A: 1\rX-B: 2"]],
    ["a zero byte", [...HEAD, "X-A: a\0b"]],
    ["a byte that is not ASCII", [...HEAD, "X-A: \u00e4"]],
    ["an underscore in a name", [...HEAD, "X_A: 1"]],
    ["no colon", [...HEAD, "X-A"]],
    ["too many fields", [...HEAD, ...Array.from({ length: 62 }, (_, i) => `X-${i}: 1`)]],
    ["a long head", [...HEAD, `X-A: ${"a".repeat(8_192)}`]],
    ["a line break in front", ["", ...HEAD]],
  ])("%s", (_title, lines) => {
    expect(createReader()(toBytes(lines), 0)).toBeUndefined();
  });

  it("a head that is cut anywhere", () => {
    const read = createReader();
    const bytes = toBytes(HEAD);
    for (let length = 0; length < bytes.length; length++) {
      expect(read(bytes.subarray(0, length), 0)).toBeUndefined();
    }
  });
});
