import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { connection, play, type Connection, type Played } from "./http-inputs.ts";
import type { RawReply } from "./replies.ts";

/** The results of one run. */
interface RoadCount {
  /** Connections whose bytes both servers got. */
  connections: number;
  /** Replies, the same on both. */
  replies: number;
  /** Requests that the fast path read itself. */
  fast: number;
}

const ROW = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const BODIES = [
  ROW,
  `${ROW.slice(0, -1)},"größe":1}`,
  '{"sepal_length":100,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}',
  '{"sepal_length":5.1}',
  '{"sepal_length":5.',
  '{"instances":[[5.1,3.5,1.4,0.2],[6,3,5,2]]}',
  " ",
  "\uFEFF{}",
];
const PATHS = [
  "/predict",
  "/predict",
  "/predict/batch",
  "/models/iris/predict",
  "/models/iris/versions/1/predict/batch",
  "/models/nope/predict",
];
/** Headers, alone or in pairs, which both roads must understand in the same way. */
const FIELDS = [
  "User-Agent: a/1.0 (b; c)",
  "Accept: */*",
  "Connection: keep-alive",
  "Connection: Keep-Alive",
  "X-Request-Id: order-17",
  "X-Request-Id: a b",
  "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "X-Forwarded-For: 1.2.3.4",
  "x-custom:  spaces  inside  ",
  "sec-fetch-mode: cors",
  "Cookie: a=b",
  "Origin: http://a",
  "Expect: 100-continue",
  "Expect: nothing",
  "Upgrade: h2c",
  "Connection: upgrade",
  "Connection: close",
  "Connection: keep-alive, x-custom",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Content-Length: 5",
  "Content-Encoding: gzip",
  "TE: trailers",
  "Host: b",
  "x-empty:",
  "x-tab:\ta",
  "x-fold: a\r\n b",
  "x-latin: \u00e4",
  "x space: a",
  "x-name : a",
  ": a",
  "nothing",
];
/** Bytes that parsers read in different ways. */
const PIECES = ["\n", "\r", "\r\n", "\r\n\r\n", "\t", " ", "\0", ":", "\u00e4", "\u007f", "+", "0"];

/** Makes requests for predictions, most of them ordinary, on one connection. */
function pipeline(): fc.Arbitrary<Connection> {
  const seldom = (fields: readonly string[]): fc.Arbitrary<readonly string[]> =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(fc.constantFrom(...fields), { maxLength: 2 }) },
    );
  const head = fc
    .record({
      line: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...PATHS).map((path) => `POST ${path} HTTP/1.1`) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "GET /health/live HTTP/1.1",
            "POST /predict HTTP/1.0",
            "POST /predict HTTP/1.2",
            "POST  /predict HTTP/1.1",
            "POST http://localhost/predict HTTP/1.1",
            "POST /predict?a=1 HTTP/1.1",
            "post /predict HTTP/1.1",
            "\r\nPOST /predict HTTP/1.1",
          ),
        },
      ),
      body: fc.constantFrom(...BODIES),
      fields: seldom(FIELDS),
      host: fc.constantFrom("localhost", "localhost", "localhost", "127.0.0.1:1", "evil.example"),
      length: fc.constantFrom("", "", "", "", "+", "0", " ", "x"),
      key: fc.constantFrom(null, "Authorization: Bearer nothing", "X-API-Key: tpl_1"),
    })
    .map(({ line, body, fields, host, length, key }) => {
      const content = line.startsWith("GET") ? "" : body;
      const lines = [
        line,
        `Host: ${host}`,
        "Content-Type: application/json",
        ...(content === "" ? [] : [`Content-Length: ${length}${Buffer.byteLength(content)}`]),
        ...(key === null ? [] : [key]),
        ...fields,
      ];
      const start = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
      return Buffer.concat([start, Buffer.from(content)]);
    });
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  return fc
    .record({
      heads: fc.array(head, { minLength: 1, maxLength: 5 }),
      edits: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        {
          weight: 1,
          arbitrary: fc.array(fc.tuple(place, fc.constantFrom(...PIECES), fc.nat(2)), {
            maxLength: 2,
          }),
        },
      ),
      splits: fc.oneof(fc.constant([]), fc.array(place, { maxLength: 4 })),
      end: fc.constantFrom<Connection["end"]>("wait", "half-close"),
    })
    .map(({ heads, edits, splits, end }): Connection => {
      let bytes = Buffer.concat(heads);
      for (const [share, piece, removed] of edits) {
        const at = Math.floor(share * bytes.length);
        const inserted = Buffer.from(piece, "latin1");
        bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
      }
      const last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      return {
        bytes: Buffer.concat([bytes, Buffer.from(last)]),
        splits,
        end,
        isWhole: false,
        messages: heads.length + 1,
        [fc.toStringMethod]: () =>
          `${end}, ${splits.join()}: ${JSON.stringify(bytes.toString("latin1"))}`,
      } as Connection;
    });
}

/** The replies, without the properties that differ between two servers, or from one moment to the next. */
function toComparable({ whole, rest, timedOut }: Played): unknown {
  return { replies: whole.map(toComparableReply), rest, timedOut };
}

function toComparableReply({ status, headers, body }: RawReply): unknown {
  const id = headers.get("x-request-id");
  const isOwn = id !== undefined && /^[\da-f]{32}$/.test(id);
  const type = headers.get("content-type") ?? "";
  const isFixed = /^\{"(?:type|prediction|predictions)":/.test(body);
  const names = isFixed ? [...headers.keys()].filter((name) => name !== "date") : [];
  return {
    status,
    type,
    headers: names
      .map((name) => `${name}: ${name === "x-request-id" && isOwn ? "own" : headers.get(name)}`)
      .toSorted(),
    body: isFixed ? body.replaceAll(isOwn ? id : "\0", "own") : "",
  };
}

/** True if chance decides the order of events: a reset may come before or after the reply, and another thread decompresses bodies. */
function isChance({ end, bytes }: Connection): boolean {
  return end === "reset" || /content-encoding/i.test(bytes.toString("latin1"));
}

/**
 * Sends the same bytes, cut at the same places, to a server with the fast path and to one without: replies, closed connections and metrics
 * must be the same.
 */
export async function fuzzRoads(runs: number, seed = 1): Promise<RoadCount> {
  const count: RoadCount = { connections: 0, replies: 0, fast: 0 };
  const options = { requestTimeout: 1, bodyLimit: 20_000, batchLimit: 20_000 };
  await using fast = await startServer(options);
  await using node = await startServer({ ...options, fastPath: false });
  const readByNode = [0, 0];
  fast.server.app.server.on("request", () => readByNode[0]!++);
  node.server.app.server.on("request", () => readByNode[1]!++);
  const input = fc.oneof(
    { weight: 4, arbitrary: pipeline() },
    { weight: 1, arbitrary: connection() },
  );
  await fc.assert(
    fc.asyncProperty(input, async (one) => {
      if (isChance(one)) return;
      const before = await Promise.all([readCounts(fast), readCounts(node)]);
      const [ours, theirs] = await Promise.all([play(fast.url, one), play(node.url, one)]);
      const [found, expected] = [ours, theirs].map((played) =>
        JSON.stringify(toComparable(played), null, 1),
      );
      if (found !== expected) {
        throw new Error(`Expected as without the fast path:\n${expected}\ngot:\n${found}`);
      }
      count.connections += 1;
      count.replies += ours.whole.length;
      await compareMetrics([fast, node], before);
    }),
    { numRuns: runs, seed, endOnFailure: false },
  );
  count.fast = readByNode[1]! - readByNode[0]!;
  return count;
}

/** Values of series that count, by their names and labels. */
type Counts = ReadonlyMap<string, number>;

/** Waits until both servers have counted the same: their metrics change a moment after the last byte of a reply. */
async function compareMetrics(
  [fast, node]: readonly [TestServer, TestServer],
  before: readonly [Counts, Counts],
): Promise<void> {
  let equal = 0;
  for (let attempt = 0; ; attempt++) {
    const ours = new Set(toIncreases(await readCounts(fast), before[0]));
    const theirs = new Set(toIncreases(await readCounts(node), before[1]));
    // Twice, since some counts follow later.
    equal = ours.symmetricDifference(theirs).size === 0 ? equal + 1 : 0;
    if (equal === 2) return;
    if (attempt > 100) {
      const [missing, found] = [theirs.difference(ours), ours.difference(theirs)];
      throw new Error(`Expected the counts ${[...missing].join()}, got ${[...found].join()}`);
    }
    await sleep(20);
  }
}

function toIncreases(now: Counts, before: Counts): string[] {
  return [...now]
    .map(([series, value]) => [series, value - (before.get(series) ?? 0)] as const)
    .filter(([, increase]) => increase !== 0)
    .map(([series, increase]) => `${series} ${increase}`);
}

/** Returns the series that count requests, errors and rows. */
async function readCounts(server: TestServer): Promise<Counts> {
  const { text } = await server.get("/metrics");
  const lines = text
    .split("\n")
    .filter(
      (line) =>
        /^(?:api|model)_/.test(line) &&
        !/_(?:bucket|sum|created)\b|^model_(?:loaded|row)_|unique_clients|route="\/metrics"/.test(
          line,
        ),
    );
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
