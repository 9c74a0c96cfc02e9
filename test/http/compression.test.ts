import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openStream } from "../support/stream-client.ts";

const HEADER = "sepal_length,sepal_width,petal_length,petal_width\n";
const GOOD = "5.1,3.5,1.4,0.2\n";
const BATCH = "/predict/batch";
const SETOSA = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const BODY_LIMIT = 100_000;
const UNPACKED_LIMIT = 4_000_000;

const PACKERS = [
  ["gzip", zlib.gzipSync],
  ["x-gzip", zlib.gzipSync],
  ["br", zlib.brotliCompressSync],
  ["zstd", zlib.zstdCompressSync],
] as const;

let server: TestServer;
beforeAll(async () => {
  // The tests compress in the process that serves, which delays its event loop.
  const limits = { bodyLimit: BODY_LIMIT, unpackedLimit: UNPACKED_LIMIT, maxEventLoopLag: 3_600 };
  server = await startServer(limits);
});
afterAll(() => server[Symbol.asyncDispose]());

function post(path: string, type: string, coding: string, body: Buffer) {
  const headers = { "content-type": type, "content-encoding": coding };
  return server.send(path, { method: "POST", headers, body });
}

describe.each(PACKERS)("a body compressed with %s", (coding, pack) => {
  it("is read as JSON and as a stream", async () => {
    const single = await post("/predict", "application/json", coding, pack(SETOSA));
    expect([single.status, single.json.label]).toEqual([200, "setosa"]);
    const rows = HEADER + GOOD.repeat(50_000);
    const stream = await post(BATCH, "text/csv", coding, pack(rows));
    expect(stream.status).toBe(200);
    expect(stream.text.trim().split("\n")).toHaveLength(50_001);
  });

  it("is rejected if it is larger than the limit after decompression, which stops there", async () => {
    const bomb = pack(Buffer.alloc(60_000_000, 32));
    expect(bomb.length).toBeLessThan(BODY_LIMIT);
    const before = process.memoryUsage().arrayBuffers;
    const json = await post("/predict", "application/json", coding, bomb);
    expect([json.status, json.json.code]).toEqual([413, "BODY_TOO_LARGE"]);
    // Blank lines are no rows: no reply has begun when the limit is reached.
    const blank = pack(`${HEADER}${"\n".repeat(2 * UNPACKED_LIMIT)}`);
    const csv = openStream(server.url, BATCH, {
      "content-type": "text/csv",
      "content-encoding": coding,
    });
    csv.request.end(blank);
    await expect(csv.readAll()).rejects.toThrow("aborted");
    const lines = await post(BATCH, "application/x-ndjson", coding, bomb);
    expect([lines.status, lines.json.code]).toEqual([413, "BODY_TOO_LARGE"]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
  });

  it("is rejected if it is damaged or truncated, with 400 if no reply has begun", async () => {
    // Not random: one in fifteen random strings begins like compressed data, and gets a reply before the damage is found.
    const broken = Buffer.from("never packed, ".repeat(70));
    const packed = pack(SETOSA);
    for (const body of [broken, packed.subarray(0, -5)]) {
      const json = await post("/predict", "application/json", coding, body);
      expect([json.status, json.json.code]).toEqual([400, "MALFORMED_REQUEST"]);
    }
    const stream = await post(BATCH, "application/x-ndjson", coding, broken);
    expect([stream.status, stream.json.code]).toEqual([400, "MALFORMED_REQUEST"]);
    const rows = Array.from({ length: 50_000 }, (_, i) => `${(i % 70) / 10},3.5,1.4,${i % 3}\n`);
    const whole = pack(HEADER + rows.join(""));
    const cut = openStream(server.url, BATCH, {
      "content-type": "text/csv",
      "content-encoding": coding,
    });
    cut.request.end(whole.subarray(0, -20));
    expect((await cut.reply).statusCode).toBe(200);
    await expect(cut.readAll()).rejects.toThrow("aborted");
  });

  it("must fit the body limit before decompression too, as JSON", async () => {
    const { status } = await post(
      "/predict",
      "application/json",
      coding,
      randomBytes(BODY_LIMIT + 1),
    );
    expect(status).toBe(413);
  });
});

describe("Content-Encoding", () => {
  it.each(["compress", "deflate", "gzip, br", "gzip, gzip", "*"])(
    "%s is rejected, with the supported codings",
    async (coding) => {
      for (const type of ["application/json", "text/csv"]) {
        const { status, json, headers } = await post(BATCH, type, coding, Buffer.from("x"));
        expect(status).toBe(415);
        expect(json.detail).toContain("gzip, br, zstd");
        expect(headers["accept-encoding"]).toBe("gzip, br, zstd");
      }
    },
  );

  it("zstd with a window of 128 MiB is rejected without allocating it", async () => {
    const { ZSTD_c_windowLog, ZSTD_c_enableLongDistanceMatching } = zlib.constants;
    const params = { [ZSTD_c_windowLog]: 27, [ZSTD_c_enableLongDistanceMatching]: 1 };
    const chunks: Buffer[] = [];
    const packer = zlib.createZstdCompress({ params });
    packer.on("data", (chunk: Buffer) => chunks.push(chunk));
    // In chunks: a frame of known size declares a smaller window.
    for (let i = 0; i < 10; i++) packer.write(randomBytes(2_000_000).toString("hex"));
    await new Promise((resolve) => packer.end(resolve));
    const { status, json } = await post(
      BATCH,
      "application/x-ndjson",
      "zstd",
      Buffer.concat(chunks),
    );
    expect([status, json.code]).toEqual([400, "MALFORMED_REQUEST"]);
  });
});
