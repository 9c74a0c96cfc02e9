import { connect } from "node:net";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROBLEM } from "../../src/http/schemas/problem.ts";
import { toIrisObject } from "../support/models.ts";
import { readReplies } from "../fuzz/replies.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startServer, type SendOptions, type TestServer } from "../support/server.ts";

const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const JSON_TYPE = { "content-type": "application/json" };

/** [title, path, request, status, string that the problem must contain] */
type Case = readonly [string, string, SendOptions, number, string];

function post(
  body: string | Buffer | null,
  headers: Record<string, string> = JSON_TYPE,
): SendOptions {
  return { method: "POST", headers, body };
}
/** A body with the given JSON as sepal_length. */
function withValue(text: string): SendOptions {
  return post(
    `{"sepal_length": ${text}, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}`,
  );
}
const valid = JSON.stringify(ROW);
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

const CASES: readonly Case[] = [
  ["an empty body", "/predict", post(""), 400, "empty"],
  ["no body", "/predict", post(null, {}), 400, "no body"],
  ["a truncated object", "/predict", post('{"sepal_length": 5.1'), 400, "not valid JSON"],
  ["a lone brace", "/predict", post("{"), 400, "not valid JSON"],
  ["plain text", "/predict", post("hello"), 400, "not valid JSON"],
  ["NaN, which is not JSON", "/predict", withValue("NaN"), 400, "not valid JSON"],
  ["Infinity, which is not JSON", "/predict", withValue("Infinity"), 400, "not valid JSON"],
  ["a number with a leading zero", "/predict", withValue("05"), 400, "not valid JSON"],
  ["single quotes", "/predict", post("{'a': 1}"), 400, "not valid JSON"],
  ["a trailing comma", "/predict", post('{"a": 1,}'), 400, "not valid JSON"],
  ["a comment", "/predict", post("{} // x"), 400, "not valid JSON"],
  ["two documents", "/predict", post("{} {}"), 400, "not valid JSON"],
  ["bytes that are not UTF-8", "/predict", post(Buffer.from([0x7b, 0xff, 0x7d])), 400, "UTF-8"],
  ["UTF-16", "/predict", post(Buffer.from(valid, "utf16le")), 400, ""],
  ["a NUL byte", "/predict", post("\0"), 400, "not valid JSON"],
  [
    "a lone surrogate's bytes",
    "/predict",
    post(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])),
    400,
    "",
  ],
  ["null", "/predict", post("null"), 422, "Expected an object"],
  ["a number", "/predict", post("5"), 422, "Expected an object"],
  ["a string", "/predict", post('"5"'), 422, "Expected an object"],
  ["true", "/predict", post("true"), 422, "Expected an object"],
  ["an array", "/predict", post("[5.1, 3.5, 1.4, 0.2]"), 422, "Expected an object"],
  ["an empty object", "/predict", post("{}"), 422, "/petal_width"],
  ["a missing field", "/predict", post('{"sepal_length": 1}'), 422, "Missing. Expected a number."],
  [
    "another case of a name",
    "/predict",
    post('{"Sepal_Length": 1}'),
    422,
    "Missing. Expected a number.",
  ],
  ["a number in a string", "/predict", withValue('"5.1"'), 422, "without quotes"],
  ["a word", "/predict", withValue('"five"'), 422, "Expected a number, got"],
  [
    "a number that JSON cannot write",
    "/predict",
    withValue('"0x10"'),
    422,
    "Expected a number, got",
  ],
  ["a number with a plus sign", "/predict", withValue('"+5"'), 422, "Expected a number, got"],
  ["an empty string", "/predict", withValue('""'), 422, "Expected a number, got"],
  ["a null field", "/predict", withValue("null"), 422, "got null."],
  ["a boolean field", "/predict", withValue("true"), 422, "got true."],
  ["an object field", "/predict", withValue('{"$gt": 0}'), 422, "got an object."],
  ["an array field", "/predict", withValue("[5.1]"), 422, "got an array."],
  ["1e999, which overflows", "/predict", withValue("1e999"), 422, "Infinity."],
  ["-1e999", "/predict", withValue("-1e999"), 422, "Infinity."],
  ["1e39, beyond float32", "/predict", withValue("1e39"), 422, "Expected a number from"],
  [
    "only __proto__",
    "/predict",
    post('{"__proto__": {"sepal_length": 1}}'),
    422,
    "Missing. Expected a number.",
  ],
  [
    "only constructor",
    "/predict",
    post('{"constructor": {"prototype": 1}}'),
    422,
    "Missing. Expected a number.",
  ],
  ["deeply nested arrays", "/predict", post(nested(100_000)), 422, "at most 64 nested"],
  ["a deeply nested field", "/predict", withValue(nested(50_000)), 422, "at most 64 nested"],
  ["arrays in arrays", "/predict", post(nested(64)), 422, "Expected an object"],
  [
    "a field that stands twice",
    "/predict",
    withValue('5.2, "sepal_length": 5.1'),
    422,
    '"pointer":"/sepal_length","detail":"Expected 1 field of this name, got 2."',
  ],
  [
    "a field of a row in a batch that stands twice",
    "/predict/batch",
    post(`{"instances": [${valid}, {"petal_width": 1, "petal_width": 2}]}`),
    422,
    '"pointer":"/instances/1/petal_width"',
  ],
  [
    "rows that stand twice",
    "/predict/batch",
    post(`{"instances": [${valid}], "instances": [${valid}]}`),
    422,
    '"pointer":"/instances"',
  ],
  ["a batch without instances", "/predict/batch", post(valid), 422, "/instances"],
  ["a batch that is an array", "/predict/batch", post("[[1,2,3,4]]"), 422, "Expected an object"],
  ["a batch of nothing", "/predict/batch", post('{"instances": []}'), 422, "rows, got 0."],
  [
    "instances that are an object",
    "/predict/batch",
    post('{"instances": {}}'),
    422,
    "Expected a list of rows",
  ],
  [
    "instances that are a string",
    "/predict/batch",
    post('{"instances": "[]"}'),
    422,
    "Expected a list of rows",
  ],
  [
    "a row of nulls",
    "/predict/batch",
    post('{"instances": [[null,1,1,1]]}'),
    422,
    "/instances/0/0",
  ],
  ["a short row", "/predict/batch", post('{"instances": [[1,2,3]]}'), 422, "got 3."],
  ["a long row", "/predict/batch", post('{"instances": [[1,2,3,4,5]]}'), 422, "got 5."],
  ["an empty row", "/predict/batch", post('{"instances": [[]]}'), 422, "got 0."],
  ["a row that is a number", "/predict/batch", post('{"instances": [1]}'), 422, "/instances/0"],
  ["a row that is null", "/predict/batch", post('{"instances": [null]}'), 422, "/instances/0"],
  [
    "an overflow in a batch",
    "/predict/batch",
    post('{"instances": [[1e999,1,1,1]]}'),
    422,
    "got Infinity.",
  ],
  [
    "a form",
    "/predict",
    post("a=1", { "content-type": "application/x-www-form-urlencoded" }),
    415,
    "Content-Type",
  ],
  [
    "plain text's type",
    "/predict",
    post(valid, { "content-type": "text/plain" }),
    415,
    "Content-Type",
  ],
  ["XML", "/predict", post("<a/>", { "content-type": "application/xml" }), 415, "Content-Type"],
  ["no type", "/predict", post(valid, {}), 415, "Content-Type"],
  ["a malformed type", "/predict", post(valid, { "content-type": "json" }), 415, ""],
  [
    "a wrong charset",
    "/predict",
    post(valid, { "content-type": "application/json; charset=latin1" }),
    415,
    "Expected charset=utf-8, got latin1.",
  ],
  [
    "an unsupported encoding",
    "/predict",
    post(valid, { ...JSON_TYPE, "content-encoding": "compress" }),
    415,
    "gzip, br, zstd",
  ],
  [
    "a body above the limit",
    "/predict",
    post(JSON.stringify({ x: "y".repeat(3_000_000) })),
    413,
    "",
  ],
  [
    "a batch body above the limit",
    "/predict/batch",
    post(`{"instances": "${"y".repeat(3_000_000)}"}`),
    413,
    "",
  ],
  ["an unknown path", "/nothing", {}, 404, "/docs"],
  ["a POST to an unknown path", "/predict/", post(valid), 404, ""],
  ["an unknown model", "/models/nope", {}, 404, "Models: iris"],
  ["an unknown version", "/models/iris/versions/9", {}, 404, "Versions: 1"],
  [
    "a version that is not a number",
    "/models/iris/versions/-1",
    {},
    404,
    "Expected an integer ≥ 1",
  ],
  ["a path out of the tree", "/models/..%2f..%2fetc%2fpasswd", {}, 404, ""],
  ["a name that every JavaScript object has", "/models/__proto__", {}, 404, "Models: iris"],
  ["a broken escape", "/models/%zz", {}, 400, ""],
  ["a very long name", `/models/${"x".repeat(5_000)}`, {}, 414, ""],
  ["GET instead of POST", "/predict", {}, 405, "POST"],
  ["DELETE", "/models", { method: "DELETE" }, 405, "GET, HEAD"],
  ["PUT with a body", "/predict", { ...post(valid), method: "PUT" }, 405, "POST"],
  ["PATCH", "/predict/batch", { ...post(valid), method: "PATCH" }, 405, "POST"],
  ["POST to metrics", "/metrics", post(valid), 405, "GET, HEAD"],
];

describe("bad requests", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ bodyLimit: 2_000_000, batchLimit: 2_000_000 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(CASES)("reject %s", async (_what, path, request, status, text) => {
    const reply = await server.send(path, request);
    expect(reply.status).toBe(status);
    expect(reply.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect([...Value.Errors(PROBLEM, reply.json)]).toEqual([]);
    expect(reply.json.status).toBe(status);
    expect(reply.json.id).toBe(reply.headers["x-request-id"]);
    expect(reply.text).toContain(text);
    expect(reply.json.errors === undefined).toBe(status !== 422);
    if (status === 405) {
      const allow = String(reply.headers["allow"]);
      expect(reply.json.detail).toBe(`Expected one of the methods ${allow}.`);
    }
  });

  it("leave the server predicting, and are counted", async () => {
    expect((await server.post("/predict", ROW)).json.prediction).toBe(0);
    const { text } = await server.get("/metrics");
    const counts = text
      .split("\n")
      .filter((line) => line.startsWith("api_requests_total") && !line.includes("/metrics"))
      .map((line) => ({ line, count: Number(line.split(" ").at(-1)) }));
    const byStatus = (status: number): number =>
      counts
        .filter(({ line }) => line.includes(`status="${status}"`))
        .reduce((sum, { count }) => sum + count, 0);
    for (const status of [400, 404, 413, 414, 415, 422]) {
      expect(byStatus(status)).toBe(CASES.filter((one) => one[3] === status).length);
    }
    expect(await server.metric('model_input_errors_total{reason="malformed_json"}')).toBe(16);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
  });

  it("get a bounded list of problems for a batch", async () => {
    const instances = Array.from({ length: 5_000 }, () => ({}));
    const reply = await server.post("/predict/batch", { instances });
    expect(reply.status).toBe(422);
    expect(reply.json.errors).toHaveLength(100);
    expect(reply.json.detail).toContain("20000 invalid values, of which the first 100 are listed");
  });
});

const JSON_HEADER = "Content-Type: application/json";
const CHUNKED = "Transfer-Encoding: chunked";

function toHead(...headers: readonly string[]): string {
  return ["POST /predict HTTP/1.1", "Host: localhost", ...headers, "", ""].join("\r\n");
}

describe("malformed HTTP", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ requestTimeout: 2 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ["garbage", 400, "hello\r\n\r\n"],
    ["an unknown method", 400, "FOO-BAR / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["a TLS greeting", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["a header without a name", 400, "GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"],
    ["two lengths", 400, toHead("Content-Length: 1", "Content-Length: 2")],
    ["a length and chunks", 400, `${toHead("Content-Length: 3", CHUNKED)}0\r\n\r\n`],
    ["a negative length", 400, toHead("Content-Length: -5")],
    ["headers without end", 431, toHead(...Array.from({ length: 5_000 }, () => "x: y"))],
    ["a broken chunk", 400, `${toHead(JSON_HEADER, CHUNKED)}ZZ\r\n`],
  ])("closes %s with %s", async (_what, status, text) => {
    const before = await countConnectionErrors(server);
    const received = await sendRaw(server.url, text);
    expect(Number(received.split(" ")[1])).toBe(status);
    expect(received.toLowerCase()).toContain("connection: close");
    expect(await countConnectionErrors(server)).toBe(before + 1);
    expect((await server.get("/health/live")).status).toBe(200);
  });

  it("rejects a request without Host, and an unknown expectation", async () => {
    const hostless = await sendRaw(server.url, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(hostless).toContain("HTTP/1.1 400");
    expect(hostless).toContain("no Host header");
    const expectation = await sendRaw(
      server.url,
      toHead("Expect: the-impossible", "Content-Length: 2"),
    );
    expect(expectation).toContain("HTTP/1.1 417");
    const series = 'api_connection_errors_total{reason="expectation"}';
    expect(await server.metric(series)).toBe(1);
    expect(expectation.toLowerCase()).toContain("x-request-id");
  });

  it.each(["/predict", "/predict/batch"])(
    "gets its 413 while it still sends to %s",
    async (path) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${JSON_HEADER}\r\n`;
      const bytes = 64 * 1_048_576;
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      let received = "";
      let failure: unknown;
      socket.setEncoding("latin1").on("data", (chunk: string) => (received += chunk));
      socket.on("error", (error) => (failure = error));
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.write(`${head}Content-Length: ${bytes}\r\n\r\n`);
      // Larger than all buffers between the two.
      socket.end(Buffer.alloc(bytes, " "));
      await closed;
      expect(failure).toBeUndefined();
      expect(received).toMatch(/^HTTP\/1\.1 413 /);
      expect(received).toContain("BODY_TOO_LARGE");
    },
  );

  it("replies 408 to a slow body and closes the connection", async () => {
    const received = await sendRaw(
      server.url,
      `${toHead(JSON_HEADER, "Content-Length: 100")}{"sepal`,
    );
    expect(received.split(" ")[1]).toBe("408");
    expect(received).toContain("REQUEST_TIMEOUT");
    expect(await server.metric('api_connection_errors_total{reason="timeout"}')).toBe(1);
  });

  it("replies 408 to slow headers", async () => {
    const received = await sendRaw(server.url, "GET / HTTP/1.1\r\nHost:");
    expect(received.split(" ")[1]).toBe("408");
  });

  it("counts a client that disconnects during its request as 499", async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(`${toHead(JSON_HEADER, "Content-Length: 100")}{`);
    const series = 'api_requests_total{method="POST",route="/predict",status="499"}';
    const before = await server.metric(series);
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    socket.destroy();
    await expect.poll(() => server.metric(series)).toBe(before + 1);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
  });

  it.each(["/metrics", "/openapi.json", "/health/live"])(
    "gets its reply after those that the connection still owes, of GET %s",
    async (path) => {
      const good = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      const received = await sendRaw(server.url, `${good.repeat(5)}garbage\r\n\r\n`);
      const { whole, rest } = readReplies(received);
      expect(whole.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 400]);
      expect(rest).toBe("");
    },
  );

  it("closes a connection whose reply has begun, since an error would be a part of it", async () => {
    const head = "POST /predict/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n";
    const csv = `sepal_length,sepal_width,petal_length,petal_width\n${"5,3,1,0\n".repeat(20_000)}`;
    const chunk = `${csv.length.toString(16)}\r\n${csv}\r\n`;
    const received = await sendRaw(
      server.url,
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}garbage\r\n`,
    );
    expect(received).toContain("HTTP/1.1 200");
    expect(received).not.toContain("HTTP/1.1 400");
  });

  it("replies 4xx to client errors that a plugin detects", async () => {
    for (const [path, headers, status] of [
      ["/docs/%00", {}, 404],
      [`/docs/${"x".repeat(300)}`, {}, 404],
      ["/docs/..%2f..%2fpackage.json", { range: "bytes=9999999-" }, 404],
    ] as const) {
      const reply = await server.send(path, { headers });
      expect([path, reply.status]).toEqual([path, status]);
    }
  });

  it("replies to pipelined requests in order", async () => {
    const one = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const received = await sendRaw(server.url, one.repeat(4) + last);
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(5);
  });
});

async function countConnectionErrors(server: TestServer): Promise<number> {
  const { text } = await server.get("/metrics");
  return text
    .split("\n")
    .filter((line) => line.startsWith("api_connection_errors_total"))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("request ids", () => {
  it("are the client's if acceptable, and new otherwise", async () => {
    await using server = await startServer();
    const send = async (id: string): Promise<unknown> => {
      const reply = await server.send("/health/live", { headers: { "x-request-id": id } });
      return reply.headers["x-request-id"];
    };
    expect(await send("order-17.a:b_c")).toBe("order-17.a:b_c");
    const fresh = /^[0-9a-f]{32}$/;
    for (const id of ["", "a b", "x".repeat(129), '"><script>', "ä"]) {
      expect(await send(Buffer.from(id).toString("latin1"))).toMatch(fresh);
    }
  });
});

describe("a rate limit", () => {
  it("replies 429 with Retry-After above it, but never to health and metrics", async () => {
    let now = 1;
    const clock = { nowMs: () => 0, monotonicSeconds: () => now };
    await using server = await startServer({ rateLimit: 5, maxEventLoopLag: 3_600 }, { clock });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => server.post("/predict", ROW)),
    );
    const limited = replies.filter(({ status }) => status === 429);
    expect(limited).toHaveLength(15);
    expect(limited[0]?.headers["retry-after"]).toBe("1");
    expect(limited[0]?.json.code).toBe("TOO_MANY_REQUESTS");
    const health = await Promise.all(Array.from({ length: 20 }, () => server.get("/health/live")));
    expect(health.every(({ status }) => status === 200)).toBe(true);
    now += 1;
    expect((await server.post("/predict", ROW)).status).toBe(200);
  });
});
