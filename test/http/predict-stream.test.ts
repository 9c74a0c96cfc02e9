import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Readable } from "node:stream";
import { Agent, request } from "undici";
import { describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { makeCertificate } from "../support/certificates.ts";
import { createFolder } from "../support/folders.ts";
import {
  IRIS,
  IRIS_CSV,
  toIrisObject,
  trainIris,
  trainPlane,
  copyIris,
} from "../support/models.ts";
import { hasProgram } from "../support/programs.ts";
import { parseLines } from "../support/json.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openStream } from "../support/stream-client.ts";

const CSV = { "content-type": "text/csv" };
const NDJSON = { "content-type": "application/x-ndjson" };
const HEADER = "sepal_length,sepal_width,petal_length,petal_width\n";
const GOOD = "5.1,3.5,1.4,0.2\n";
const BATCH = "/predict/batch";

function postCsv(
  server: TestServer,
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = BATCH,
) {
  return server.send(path, { method: "POST", headers: { ...CSV, ...headers }, body });
}

describe("POST /predict/batch with rows as a stream", () => {
  it("has a line for each row, equal to the entry in the reply to a JSON batch", async () => {
    await using server = await startServer();
    const { json } = await server.post(BATCH, { instances: IRIS.map(({ row }) => row) });
    const csv = await postCsv(server, IRIS_CSV, { accept: "application/x-ndjson" });
    expect(csv.status).toBe(200);
    expect(csv.headers["content-type"]).toBe("application/x-ndjson");
    expect(csv.headers["x-request-id"]).toBeTruthy();
    expect(parseLines(csv.text)).toEqual(json.predictions);
    const lines = IRIS.map(({ row }) => JSON.stringify(toIrisObject(row))).join("\n");
    const objects = await server.send(BATCH, { method: "POST", headers: NDJSON, body: lines });
    expect(objects.text).toBe(csv.text);
  });

  it("replies in the type of the request, or the one that Accept prefers", async () => {
    await using server = await startServer();
    const send = async (headers: Record<string, string>) =>
      (await postCsv(server, HEADER + GOOD, headers)).headers["content-type"];
    const table = "text/csv; charset=utf-8; header=present";
    expect(await send({})).toBe(table);
    expect(await send({ accept: "*/*" })).toBe(table);
    expect(await send({ accept: "text/*;q=0.5, application/x-ndjson;q=0.4" })).toBe(table);
    expect(await send({ accept: "text/*;q=0.5, application/jsonl" })).toBe("application/jsonl");
    expect(await send({ accept: "text/csv;q=0, */*" })).toBe("application/x-ndjson");
    expect(await send({ "content-type": "TEXT/CSV; charset=UTF-8" })).toBe(table);
    const rejected = await postCsv(server, HEADER + GOOD, { accept: "text/html" });
    expect(rejected.status).toBe(406);
    expect(rejected.json.code).toBe("NOT_ACCEPTABLE");
  });

  it("exists for each model and version", async () => {
    await using server = await startServer(
      {},
      { prepare: (models) => copyIris(models).then(() => trainPlane(models)) },
    );
    for (const path of ["/models/plane/predict/batch", "/models/plane/versions/1/predict/batch"]) {
      const { status, text } = await postCsv(server, "a,b\n4,3\n", {}, path);
      expect(status).toBe(200);
      expect(text).toMatch(/^line,prediction,p_value.*\n2,5\.\d+,/);
    }
    expect((await postCsv(server, HEADER, {}, "/models/nope/predict/batch")).status).toBe(404);
    expect((await postCsv(server, HEADER, {}, "/predict")).status).toBe(415);
    expect(
      (await postCsv(server, HEADER, { "content-type": "text/csv; charset=latin1" })).status,
    ).toBe(415);
  });

  it("continues after a bad row or stops there, as the server or the request chooses", async () => {
    await using server = await startServer({ onBadRow: "stop" });
    const body = `${HEADER}${GOOD}x,1,1,1\n${GOOD}`;
    const stopped = await postCsv(server, body);
    expect(stopped.status).toBe(200);
    expect(stopped.text.trim().split("\n")).toHaveLength(3);
    expect(stopped.text).toContain("\n3,");
    const skipped = await postCsv(server, body, {}, `${BATCH}?on_bad_row=skip`);
    expect(skipped.text.trim().split("\n")).toHaveLength(4);
    expect(await server.metric('model_input_errors_total{reason="invalid_input"}')).toBe(2);
    const first = await postCsv(server, `${HEADER}x,1,1,1\n${GOOD}`);
    expect(first.status).toBe(422);
    expect(first.json.errors[0].detail).toContain('Expected a number, got "x".');
    const odd = await postCsv(server, body, {}, `${BATCH}?on_bad_row=what`);
    expect(odd.status).toBe(400);
    expect(odd.json.detail).toContain(
      "Query parameter on_bad_row: Expected one of: skip, stop, got",
    );
  });

  it("rejects a header without a required column, and an empty table, before a reply", async () => {
    await using server = await startServer();
    const lacking = await postCsv(server, "sepal_length,sepal_width,petal_length\n1,2,3\n");
    expect(lacking.status).toBe(422);
    expect(lacking.json.detail).toContain("petal_width: Missing.");
    expect(lacking.json.errors).toEqual([
      { column: "petal_width", detail: expect.stringContaining("Expected a column of this name") },
    ]);
    expect((await postCsv(server, "")).status).toBe(422);
    const empty = await server.send(BATCH, { method: "POST", headers: NDJSON, body: "" });
    expect([empty.status, empty.text]).toEqual([200, ""]);
    // The connection can be used again.
    expect((await postCsv(server, HEADER + GOOD)).status).toBe(200);
  });

  it("has no --batch-limit and no --max-batch-rows", async () => {
    await using server = await startServer({ batchLimit: 1_024, maxBatchRows: 10 });
    const { text } = await postCsv(server, HEADER + GOOD.repeat(1_000));
    expect(text.trim().split("\n")).toHaveLength(1_001);
  });

  it("is rejected under overload", async () => {
    await using server = await startServer({ maxInFlight: 1 });
    const running = openStream(server.url, BATCH);
    running.request.write(HEADER + GOOD);
    await running.readUntil("setosa");
    const rejected = await postCsv(server, HEADER + GOOD);
    expect([rejected.status, rejected.json.code]).toEqual([503, "OVERLOADED"]);
    running.request.end();
    await running.readAll();
  });

  it("requires an API key, and counts towards its rate limit", async () => {
    await using folder = await createFolder();
    const file = join(folder.path, "keys.json");
    const keys = (["predict", "metrics"] as const).map((role) =>
      createKey(role, role, "2026-01-01"),
    );
    await writeKeysFile(
      file,
      keys.map(({ stored }) => stored),
    );
    const clock = { nowMs: () => 0, monotonicSeconds: () => 1 };
    await using server = await startServer({ apiKeysFile: file, rateLimit: 2 }, { clock });
    const send = async (headers: Record<string, string>) => {
      const { status, text } = await postCsv(server, HEADER + GOOD, headers);
      return status === 200 ? text.trim().split("\n").length : status;
    };
    const [predict, metrics] = keys.map(({ text }) => ({ authorization: `Bearer ${text}` }));
    expect([await send({}), await send(metrics ?? {})]).toEqual([401, 403]);
    const replies = [
      await send(predict ?? {}),
      await send(predict ?? {}),
      await send(predict ?? {}),
    ];
    expect(replies).toEqual([2, 2, 429]);
  });

  it.runIf(hasProgram("openssl"))("goes through TLS", async () => {
    await using folder = await createFolder();
    const { cert, key } = makeCertificate(folder.path, "localhost");
    await using server = await startServer({ tlsCert: cert, tlsKey: key });
    const rows = GOOD.repeat(50_000);
    const agent = new Agent({ connect: { rejectUnauthorized: false } });
    const reply = await request(`${server.url}${BATCH}`, {
      method: "POST",
      headers: CSV,
      body: Readable.from([HEADER, rows]),
      dispatcher: agent,
    });
    const text = await reply.body.text();
    await agent.close();
    expect(reply.statusCode).toBe(200);
    expect(text.trim().split("\n")).toHaveLength(50_001);
  });

  it("sends 100 Continue to a client that expects it", async () => {
    await using server = await startServer();
    const stream = openStream(server.url, BATCH, { ...CSV, expect: "100-continue" });
    stream.request.flushHeaders();
    await once(stream.request, "continue");
    stream.request.end(HEADER + GOOD);
    expect(await stream.readAll()).toContain("setosa");
  });

  it("is in the metrics: rows, sizes, status", async () => {
    await using server = await startServer();
    const body = HEADER + GOOD.repeat(300);
    const { text } = await postCsv(server, body);
    const route = 'route="/predict/batch"';
    await expect
      .poll(() => server.metric(`api_requests_total{method="POST",${route},status="200"}`))
      .toBe(1);
    expect(await server.metric(`api_request_size_bytes_sum{${route}}`)).toBe(body.length);
    expect(await server.metric(`api_response_size_bytes_sum{${route}}`)).toBe(text.length);
    const of = 'model="iris",version="1"';
    expect(await server.metric(`model_batch_rows_sum{${of}}`)).toBe(300);
    expect(await server.metric(`model_predictions_total{${of},class="setosa"}`)).toBe(300);
  });
});

describe("a stream", () => {
  it("gets predictions while rows still arrive, for longer than --request-timeout", async () => {
    await using server = await startServer({ requestTimeout: 2 });
    const stream = openStream(server.url, BATCH);
    stream.request.write(HEADER);
    for (let row = 0; row < 10; row++) {
      stream.request.write(GOOD);
      await stream.readUntil(`\n${row + 2},0,setosa`);
      // Ten pauses of an eighth of the timeout: longer than it in all, and short enough on a busy machine.
      await sleep(250);
    }
    stream.request.end();
    expect((await stream.readAll()).trim().split("\n")).toHaveLength(11);
    expect(await server.metric('api_connection_errors_total{reason="timeout"}')).toBe(0);
  });

  it("that is idle ends: with 408 before its reply begins, by closing the connection afterwards", async () => {
    await using server = await startServer({ requestTimeout: 1 });
    const silent = openStream(server.url, BATCH, NDJSON);
    silent.request.flushHeaders();
    const reply = await silent.reply;
    expect(reply.statusCode).toBe(408);
    expect(await silent.readAll()).toContain("REQUEST_TIMEOUT");
    const begun = openStream(server.url, BATCH);
    begun.request.write(HEADER + GOOD);
    await begun.readUntil("setosa");
    await expect(begun.readAll()).rejects.toThrow("aborted");
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(0);
  });

  it("does not lift the timeout of later requests on its connection", async () => {
    // Twenty times the pause between two pieces, so that a busy machine does not make a slow client of it.
    await using server = await startServer({ requestTimeout: 2 });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
    socket.on("error", () => {});
    const toHead = (type: string, length: number): string =>
      `POST /predict/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
    const body = HEADER + GOOD.repeat(28);
    socket.write(toHead("text/csv", body.length));
    for (let at = 0; at < body.length; at += 20) {
      socket.write(body.slice(at, at + 20));
      await sleep(100);
    }
    await expect.poll(() => received).toContain("0\r\n\r\n");
    socket.write(`${toHead("application/json", 100)}{`);
    await once(socket, "close");
    expect(received).toContain("HTTP/1.1 408");
  });

  it("reads no faster than its client, and resumes with it", async () => {
    await using server = await startServer();
    const stream = openStream(server.url, BATCH);
    const block = GOOD.repeat(4_096);
    stream.request.write(HEADER);
    let written = 0;
    let predicted = 0;
    // The reply is not read: the client's data pile up in its own buffers, until the server predicts no more rows.
    for (let unchanged = 0; unchanged < 10;) {
      if (stream.request.writableLength <= 1_000_000) {
        unchanged = 0;
        stream.request.write(block);
        written += 4_096;
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const before = predicted;
      predicted = await server.metric('model_batch_rows_sum{model="iris",version="1"}');
      unchanged = predicted === before ? unchanged + 1 : 0;
      await sleep(50);
    }
    expect(predicted).toBeLessThan(written);
    stream.request.end();
    const text = await stream.readAll();
    expect(text.trim().split("\n")).toHaveLength(written + 1);
    expect(text.endsWith(`${written + 1},0,setosa,0,1,0,0,1,false,,\n`)).toBe(true);
  });

  it("whose client reads slowly does not time out", async () => {
    await using server = await startServer({ requestTimeout: 1.5 });
    const stream = openStream(server.url, BATCH);
    stream.request.end(HEADER + GOOD.repeat(60_000));
    let received = 0;
    let piece = 0;
    // The first chunks are read slowly, for twice the timeout in all.
    for await (const chunk of await stream.reply) {
      received += String(chunk).length;
      if (++piece <= 12) await sleep(250);
    }
    expect(received).toBeGreaterThan(60_000 * 30);
  });

  it("whose client disconnects counts as 499 and holds nothing", async () => {
    await using server = await startServer();
    const status = 'api_requests_total{method="POST",route="/predict/batch",status="499"}';
    const early = openStream(server.url, BATCH);
    early.request.write("sepal_length");
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    early.request.destroy();
    await expect.poll(() => server.metric(status)).toBe(1);
    const late = openStream(server.url, BATCH);
    late.request.write(HEADER + GOOD.repeat(50_000));
    await late.readUntil("setosa");
    late.request.destroy();
    await expect.poll(() => server.metric(status)).toBe(2);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
    // Its predictor is released: the series of its model end with the version.
    await trainIris(server.models, { name: "plum", trees: 8 });
    await rm(join(server.models, "iris"), { recursive: true });
    await server.server.reload();
    expect((await server.get("/metrics")).text).not.toContain('model_batch_rows_sum{model="iris"');
  });

  it("keeps its model during a reload, and the model's metrics until it ends", async () => {
    await using server = await startServer();
    const stream = openStream(server.url, BATCH);
    stream.request.write(HEADER + GOOD);
    await stream.readUntil("\n2,0,setosa");
    await trainIris(server.models, { name: "plum", trees: 8 });
    await rm(join(server.models, "iris"), { recursive: true });
    await server.server.reload();
    stream.request.write(GOOD);
    await stream.readUntil("\n3,0,setosa");
    expect(await server.metric('model_batch_rows_sum{model="iris",version="1"}')).toBe(2);
    expect(await server.metric('model_batch_rows_sum{model="plum",version="1"}')).toBe(0);
    stream.request.end();
    await stream.readAll();
    await expect
      .poll(async () => (await server.get("/metrics")).text)
      .not.toContain('model_batch_rows_sum{model="iris"');
  });

  it("yields to the event loop between slices of some milliseconds", async () => {
    // Each reading of this clock is five milliseconds after the one before.
    let seconds = 0;
    const clock = { nowMs: () => 0, monotonicSeconds: () => (seconds += 0.005) };
    await using server = await startServer({ maxEventLoopLag: 3_600 }, { clock });
    let turns = 0;
    const count = (): void => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const { text } = await postCsv(server, HEADER + GOOD.repeat(4_000));
    clearImmediate(counting);
    expect(text.trim().split("\n")).toHaveLength(4_001);
    // 64,000 bytes in slices of 256, except the first few.
    expect(turns).toBeGreaterThan(200);
  });

  it("that fails after its start closes its connection, so that no part is taken for the whole", async () => {
    await using server = await startServer({ unpackedLimit: 1_024 * 1_024 });
    const { gzipSync } = await import("node:zlib");
    const stream = openStream(server.url, BATCH, { ...CSV, "content-encoding": "gzip" });
    stream.request.end(gzipSync(HEADER + GOOD.repeat(1_000_000)));
    expect((await stream.reply).statusCode).toBe(200);
    await expect(stream.readAll()).rejects.toThrow("aborted");
    expect((await server.get("/health/live")).status).toBe(200);
  });

  it("that ends early sends its reply, and does not parse the rest of the upload as a request", async () => {
    await using server = await startServer();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
    const body = `${HEADER}${GOOD}x,1,1,1\n${"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20_000)}`;
    socket.write(
      `POST /predict/batch?on_bad_row=stop HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    socket.write("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await once(socket, "close");
    expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
    expect(received).toContain("\n3,,");
    expect(received).not.toContain("\n4,");
  });
});

describe("a server that stops", () => {
  it("finishes a stream in progress, and then stops at once", async () => {
    // Longer than this test may take, as is the keep-alive timeout of 72 s: the stop must not wait for either.
    await using server = await startServer({ drainTimeout: 600 });
    const { hostname, port } = new URL(server.url);
    // A client that keeps its connection open.
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = "Host: localhost\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write(`POST /predict/batch HTTP/1.1\r\n${head}${chunk(HEADER + GOOD)}`);
    await expect.poll(() => received).toContain("\n2,0,setosa");
    let isClosed = false;
    const closed = server.server.close().then(() => (isClosed = true));
    await expect
      .poll(() =>
        server.get("/health/live").then(
          () => "accepted",
          () => "refused",
        ),
      )
      .toBe("refused");
    expect(isClosed).toBe(false);
    const ended = once(socket, "end");
    socket.write(`${chunk(GOOD)}${chunk("")}`);
    await ended;
    await closed;
    expect(received).toContain("\n3,0,setosa");
    expect(received.endsWith("0\r\n\r\n")).toBe(true);
  });

  it("ends a stream that takes longer than --drain-timeout", async () => {
    await using server = await startServer({ drainTimeout: 0.5 });
    const stream = openStream(server.url, BATCH);
    stream.request.write(HEADER + GOOD);
    await stream.readUntil("setosa");
    await server.server.close();
    await expect(stream.readAll()).rejects.toThrow("aborted");
  });
});
