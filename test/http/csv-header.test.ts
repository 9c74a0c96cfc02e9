import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server.ts";
import { openStream } from "../support/stream-client.ts";

const BATCH = "/predict/batch";
const CSV = { "content-type": "text/csv" };
const HEADER = "sepal_length,sepal_width,petal_length,petal_width";
const GOOD = "5.1,3.5,1.4,0.2";
const REASON = 'model_input_errors_total{reason="invalid_input"}';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const toStatusSeries = (status: number): string =>
  `api_requests_total{method="POST",route="/predict/batch",status="${status}"}`;

/** Sends pieces one after another, each once the server has handled the one before. */
async function sendPieces(
  path: string,
  pieces: readonly (string | Buffer)[],
  headers: Readonly<Record<string, string>> = CSV,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const stream = openStream(server.url, path, headers);
  for (const piece of pieces) {
    // A reply may end the connection at once.
    if (!stream.request.destroyed) stream.request.write(piece);
    // This request arrives later: its reply shows that the piece was read.
    await server.get("/health/live");
  }
  stream.request.end();
  const { statusCode } = await stream.reply;
  return { status: statusCode, text: await stream.readAll() };
}

describe("a CSV body that is not understood gets 422 and counts as an input error, however it is cut:", () => {
  it.each([
    ["a wrong header", `foo,bar\n${GOOD}\n`, BATCH],
    ["no line end", "foo,bar", BATCH],
    ["JSON", '{"instances":[]}', BATCH],
    ["values only", GOOD, BATCH],
    ["a byte-order mark", "\ufeff\r\n", BATCH],
    ["a bad first row", `${HEADER}\nx,1,1,1\n${GOOD}\n`, `${BATCH}?on_bad_row=stop`],
  ])("%s", async (_what, body, path) => {
    const bytes = Buffer.from(body);
    const [before, closedBefore] = [
      await server.metric(REASON),
      await server.metric(toStatusSeries(499)),
    ];
    // Every third cut; the row stream's own test has all of them.
    let sent = 0;
    for (let at = 0; at < bytes.length; at += 3) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)].filter(({ length }) => length > 0);
      const { status, text } = await sendPieces(path, pieces);
      expect([at, status]).toEqual([at, 422]);
      expect(text).toContain("INVALID_INPUT");
      sent += 1;
    }
    expect(await server.metric(REASON)).toBe(before + sent);
    expect(await server.metric(toStatusSeries(499))).toBe(closedBefore);
  });

  it("an empty body, and none", async () => {
    for (const pieces of [[], [""]]) expect((await sendPieces(BATCH, pieces)).status).toBe(422);
    expect((await server.send(BATCH, { method: "POST", headers: CSV, body: "" })).status).toBe(422);
  });

  it("a header above 4 kB, and one above the limit of a record, which may never end", async () => {
    const wide = Array.from({ length: 2_000 }, (_, i) => `column_${i}`).join();
    expect((await sendPieces(BATCH, [`${wide}\n1,2\n`])).status).toBe(422);
    const good = `${wide},${HEADER}\n${"1,".repeat(2_000)}${GOOD}\n`;
    const { status, text } = await sendPieces(BATCH, [good.slice(0, 5_000), good.slice(5_000)]);
    expect([status, text.split("\n")[1]]).toEqual([200, expect.stringContaining("setosa")]);
    const stream = openStream(server.url, BATCH, CSV);
    // Without an end.
    stream.request.write("x".repeat(1_100_000));
    expect((await stream.reply).statusCode).toBe(422);
    stream.request.destroy();
  });
});

describe("a compressed CSV body that is truncated", () => {
  const coding = { ...CSV, "content-encoding": "gzip" };

  it("gets 400 before its header is complete, at every cut of the bytes", async () => {
    const packed = gzipSync(`${HEADER},${"note".repeat(3)}\n${GOOD},x\n`, { level: 0 });
    // Ten bytes of gzip's header, five of the block's; the trailer is eight.
    const lineEnd = packed.indexOf("\n");
    for (let at = 1; at <= lineEnd; at += 4) {
      const { status, text } = await sendPieces(BATCH, [packed.subarray(0, at)], coding);
      expect([at, status]).toEqual([at, 400]);
      expect(text).toContain("Expected complete gzip data");
    }
  });

  it("counts as an input error after the reply has begun, and not as a client that left", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${(i % 70) / 10},3.5,1.4,${i % 3}\n`);
    const packed = gzipSync(`${HEADER}\n${rows.join("")}`);
    const reason = 'model_input_errors_total{reason="malformed_request"}';
    const stream = openStream(server.url, BATCH, coding);
    stream.request.end(packed.subarray(0, -20));
    expect((await stream.reply).statusCode).toBe(200);
    const [closed, errors] = [
      await server.metric(toStatusSeries(499)),
      await server.metric(reason),
    ];
    const failed = await server.metric(toStatusSeries(400));
    await expect(stream.readAll()).rejects.toThrow("aborted");
    await expect.poll(() => server.metric(toStatusSeries(400))).toBe(failed + 1);
    expect(await server.metric(reason)).toBe(errors + 1);
    expect(await server.metric(toStatusSeries(499))).toBe(closed);
  });
});
