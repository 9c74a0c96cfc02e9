import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { IRIS_NAMES, toIrisObject } from "../support/models.ts";
import { readReplies, type RawReply } from "./replies.ts";

/** A client: its bytes, their split into pieces, and how it ends. */
export interface Connection {
  readonly bytes: Buffer;
  /** Split positions, as fractions of the number of bytes. */
  readonly splits: readonly number[];
  readonly end: "wait" | "half-close" | "reset";
  /** True if all messages are well-formed, so that each must get a reply and be counted. */
  readonly isWhole: boolean;
  readonly messages: number;
}

/** The replies that a client received. */
export interface Played {
  readonly whole: readonly RawReply[];
  /** The bytes after the last complete reply. */
  readonly rest: string;
  readonly timedOut: boolean;
}

/** Sends the bytes of a client, and waits until the server closes the connection. */
export async function play(url: string, one: Connection): Promise<Played> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  let received = "";
  let timedOut = false;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => (received += chunk));
  socket.on("error", () => {});
  // `once` would reject for an error, which only means that the server has closed the connection.
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const timer = setTimeout(() => {
    timedOut = true;
    socket.destroy();
  }, 5_000);
  await once(socket, "connect");
  const places = one.splits.map((share) => Math.floor(share * one.bytes.length));
  const cuts = [0, ...places.toSorted((a, b) => a - b), one.bytes.length];
  for (const [i, from] of cuts.slice(0, -1).entries()) {
    if (!socket.writable) break;
    socket.write(one.bytes.subarray(from, cuts[i + 1]));
    if (i < cuts.length - 2) await sleep(1);
  }
  if (one.end === "reset") socket.resetAndDestroy();
  else if (one.end === "half-close") socket.end();
  await closed;
  clearTimeout(timer);
  return { ...readReplies(received), timedOut };
}

const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);

/** A message before it is encoded. */
interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly framing: "length" | "chunked" | "none";
}

const METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"];
const PATHS = [
  "/",
  "/health/live",
  "/health/ready",
  "/metrics",
  "/models",
  "/models/iris",
  "/openapi.json",
  "/docs",
  "/models/iris/versions/1",
];
const PREDICT_PATHS = [
  "/predict",
  "/predict/batch",
  "/models/iris/predict",
  "/models/iris/versions/1/predict/batch",
  "/models/nope/predict",
  "/models/iris/versions/2/predict",
  "/models/iris/versions/01/predict",
];
const ODD_PATHS = [
  "*",
  "//",
  "/%",
  "/%zz",
  "/%00",
  "/..",
  "/../../etc/passwd",
  "/models/%2e%2e%2f",
  "/models/__proto__",
  "/models/constructor",
  "/models/iris%00",
  "/models/%F0%9F%98%80",
  "/docs/assets/%00",
  "/docs/assets/..%2f..",
  "/docs/assets/%2e%2e/%2e%2e/package.json",
  "/docs/assets/a%5cb",
  "/models/iris?a=%zz",
  "/predict?a=b&a=c",
  "/predict#x",
  "/predict;x",
  "/predict/",
  "/PREDICT",
  "http://a/health/live",
  "https://[::1/health/live",
  "?",
  "a",
  `/models/${"x".repeat(201)}`,
  `/docs/assets/${"x".repeat(300)}`,
  `/${"a/".repeat(2_000)}`,
  "/\u00e4",
  "/models/iris/versions/99999999999999999999",
  "/models/iris/versions/1e0/predict",
  "/models//predict",
];
const HEADERS: readonly (readonly [string, string])[] = [
  ["X-Request-Id", "order-17.a:b_c"],
  ["X-Request-Id", ""],
  ["X-Request-Id", "x".repeat(129)],
  ["X-Request-Id", "\u00e4"],
  ["X-Request-Id", '"><'],
  ["Accept", "text/html"],
  ["Accept", "*/*;q=0"],
  ["Accept-Encoding", "gzip, br"],
  ["Content-Encoding", "gzip"],
  ["Content-Encoding", "identity"],
  ["Content-Encoding", ""],
  ["Content-Type", "text/plain"],
  ["Content-Type", "application/json; charset=latin1"],
  ["Content-Type", 'application/json;charset="utf-8"'],
  ["Content-Type", "application/json; charset=us-ascii"],
  ["Content-Type", ""],
  ["Content-Type", "application/jsonx"],
  ["Content-Type", "multipart/form-data; boundary=x"],
  ["Content-Type", "application/vnd.api+json"],
  ["Content-Type", "a/b; charset"],
  ["Expect", "100-continue"],
  ["Range", "bytes=0-1"],
  ["Range", "bytes=9999999-"],
  ["Range", "bytes=-0"],
  ["If-Match", '"x"'],
  ["If-None-Match", "*"],
  ["If-Modified-Since", "Mon, 01 Jan 2035 00:00:00 GMT"],
  ["If-Unmodified-Since", "Mon, 01 Jan 1990 00:00:00 GMT"],
  ["Accept-Version", "1.x"],
  ["Host", "b"],
  ["Authorization", "Bearer x"],
  ["Cookie", "a=b"],
  ["Origin", "http://a"],
  ["X-Forwarded-For", "1.2.3.4"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["Connection", "keep-alive"],
  ["TE", "trailers"],
  ["__proto__", "x"],
  ["constructor", "x"],
  ["Keep-Alive", "timeout=9999"],
  ["Trailer", "X"],
  ["Upgrade", "h2c"],
];
/** Headers after which a connection is not used for further messages. */
const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ["Connection", "close"],
  ["Connection", "upgrade"],
  ["Content-Length", "5"],
  ["Content-Length", "-1"],
  ["Content-Length", "99999999999999999999"],
  ["Transfer-Encoding", "gzip"],
  ["Transfer-Encoding", "chunked, identity"],
  ["Expect", "the-impossible"],
  ["Content-Length ", "3"],
  ["X", "y".repeat(20_000)],
  ["X", "a\0b"],
  ["", "x"],
];

function bodies(): fc.Arbitrary<Buffer> {
  const number = fc.oneof(
    fc.constantFrom(
      "5.1",
      "-0",
      "1e-400",
      "9007199254740993",
      "1e39",
      "1e999",
      "-1e999",
      "NaN",
      "05",
      "0x1",
    ),
    fc.double().map((value) => JSON.stringify(value)),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  );
  const field = fc.constantFrom(
    ...IRIS_NAMES,
    "__proto__",
    "constructor",
    "x",
    "sepal_\\u006cength",
  );
  const object = fc
    .tuple(
      fc.tuple(...IRIS_NAMES.map((name) => fc.tuple(fc.constant<string>(name), number))),
      fc.array(fc.tuple(field, number), { maxLength: 2 }),
    )
    .map(([own, more]) => `{${[...own, ...more].map(([name, v]) => `"${name}":${v}`).join()}}`);
  const list = fc.array(number, { minLength: 3, maxLength: 5 }).map((items) => `[${items.join()}]`);
  const rows = fc.array(fc.oneof(object, list, number), { maxLength: 4 });
  const text = fc.oneof(
    fc.constant(JSON.stringify(ROW)),
    fc.constant(JSON.stringify({ instances: [ROW, [5, 3, 1, 0.2]] })),
    object,
    rows.map((items) => `{"instances":[${items.join()}]}`),
    fc.json(),
    fc.nat(9_000).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
    fc.nat(3_000).map((depth) => `{"instances":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`),
    fc.nat(25_000).map((length) => JSON.stringify({ x: "y".repeat(length) })),
    fc.string({ unit: "grapheme" }),
  );
  const edited = fc
    .tuple(
      text,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.uint8Array({ maxLength: 4 }),
      fc.boolean(),
    )
    .map(([whole, share, bytes, cut]) => {
      const buffer = Buffer.from(whole);
      const at = Math.floor(share * buffer.length);
      return Buffer.concat([
        buffer.subarray(0, at),
        bytes,
        cut ? Buffer.of() : buffer.subarray(at),
      ]);
    });
  return fc.oneof(
    { weight: 4, arbitrary: text.map((whole) => Buffer.from(whole)) },
    { weight: 1, arbitrary: edited },
    { weight: 1, arbitrary: fc.constant(Buffer.of()) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
  );
}

function message(odd: boolean): fc.Arbitrary<Message> {
  const path = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...PATHS) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_PATHS) },
    { weight: 1, arbitrary: fc.webPath().map((tail) => `/${tail}`) },
    { weight: 1, arbitrary: fc.webPath().map((tail) => `/models${tail}/predict`) },
  );
  const headers = fc.array(
    odd ? fc.constantFrom(...HEADERS, ...ODD_HEADERS) : fc.constantFrom(...HEADERS),
    { maxLength: 3 },
  );
  const predict = fc.record({
    method: fc.constant("POST"),
    path: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...PREDICT_PATHS) },
      { weight: 1, arbitrary: path },
    ),
    headers: fc.oneof(
      fc.constant([["Content-Type", "application/json"] as const]),
      headers.map((more) => [["Content-Type", "application/json"] as const, ...more]),
      headers,
    ),
    body: bodies(),
    framing: fc.constantFrom<Message["framing"]>("length", "length", "chunked"),
  });
  const other = fc.record({
    method: fc.constantFrom("GET", "GET", "GET", ...METHODS),
    path: fc.oneof(
      { weight: 4, arbitrary: path },
      { weight: 1, arbitrary: fc.constantFrom(...PREDICT_PATHS) },
    ),
    headers,
    body: fc.constant(Buffer.of()),
    framing: fc.constant<Message["framing"]>("none"),
  });
  return fc.oneof(predict, other);
}

/** Makes clients of all kinds, whose last message closes the connection unless it is damaged. */
export function connection(): fc.Arbitrary<Connection> {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const splits = fc.array(place, { maxLength: 4 });
  // One message, which closes the connection.
  const whole = fc.tuple(message(false), splits).map(([one, cuts]): Connection => ({
    bytes: Buffer.concat([toBytes({ ...one, headers: [...one.headers, ["Connection", "close"]] })]),
    splits: cuts,
    end: "wait",
    // A malformed request target is rejected before it is a request.
    isWhole:
      /^\/[!-~]*$/.test(one.path) &&
      !one.headers.some(([name]) => name === "Connection" || name === "Upgrade"),
    messages: 1,
  }));
  const edit = fc.record({
    at: place,
    how: fc.nat(3),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
      fc
        .constantFrom("\r\n", "\r\n\r\n", "\n", ":", " ", "0\r\n\r\n", "GET / HTTP/1.1\r\n", "\0")
        .map((t) => Uint8Array.from(Buffer.from(t))),
    ),
  });
  const broken = fc
    .record({
      messages: fc.array(fc.oneof(message(false), message(true)), { minLength: 1, maxLength: 4 }),
      edits: fc.array(edit, { maxLength: 3 }),
      splits,
      end: fc.constantFrom<Connection["end"]>("wait", "half-close", "half-close", "reset", "reset"),
      cut: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: place }),
    })
    .map(({ messages, edits, splits: cuts, end, cut }): Connection => {
      const last: Message = {
        method: "GET",
        path: "/health/live",
        headers: [["Connection", "close"]],
        body: Buffer.of(),
        framing: "none",
      };
      let bytes: Buffer = Buffer.concat([...messages, last].map(toBytes));
      for (const { at, how, bytes: piece } of edits) {
        const from = Math.floor(at * bytes.length);
        const until = how === 0 ? from : from + piece.length;
        const tail = how === 3 ? bytes.subarray(from + 10) : bytes.subarray(until);
        bytes = Buffer.concat([bytes.subarray(0, from), how === 2 ? Buffer.of() : piece, tail]);
      }
      bytes = bytes.subarray(0, Math.ceil(cut * bytes.length));
      return { bytes, splits: cuts, end, isWhole: false, messages: messages.length + 1 };
    });
  return fc.oneof({ weight: 3, arbitrary: whole }, { weight: 2, arbitrary: broken }).map((one) => ({
    ...one,
    [fc.toStringMethod]: () =>
      `${one.end}${one.isWhole ? "" : ", broken"}, split at ${one.splits.join()}: ${JSON.stringify(one.bytes.toString("latin1"))}`,
  }));
}

function toBytes({ method, path, headers, body: content, framing }: Message): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: localhost",
    ...headers.map(([name, v]) => `${name}: ${v}`),
  ];
  if (framing === "length") lines.push(`Content-Length: ${content.length}`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (framing !== "chunked") return Buffer.concat([head, content]);
  const chunks: Buffer[] = [head];
  for (let at = 0; at < content.length; at += 100) {
    const chunk = content.subarray(at, at + 100);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}
