import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { importModel } from "../../src/training/import/import-model.ts";
import { addKnn, createTimeHog, KNN, listEngines, readKnnRows } from "../support/engine-models.ts";
import { readReplies } from "../fuzz/replies.ts";
import { startServer } from "../support/server.ts";

const ROWS = readKnnRows();
const HEADER = Object.keys(ROWS[0]!.row).join(",");
const CSV = [HEADER, ...ROWS.map(({ row }) => Object.values(row).join(","))].join("\n");
const LABELS = ROWS.map(({ label }) => label);
const FAILURES = 'model_engine_failures_total{model="knn",version="1",reason="crash"}';

async function addSlow(models: string): Promise<void> {
  const { model } = await importModel({ graph: createTimeHog(), models, name: "slow" });
  await model.executor.close?.();
}

/** A request for a prediction, which may be sent ahead. */
function toRequest(body: string, ...fields: readonly string[]): string {
  const head = ["POST /predict HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return `${[...head, length, ...fields].join("\r\n")}\r\n\r\n${body}`;
}

describe("a model that onnxruntime computes", () => {
  it("replies in order to requests that are sent ahead, of which some need no prediction", async () => {
    await using server = await startServer({}, { prepare: addKnn });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).setNoDelay(true);
    let received = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (received += chunk));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const good = (id: string): string =>
      toRequest(JSON.stringify(ROWS[0]!.row), `X-Request-Id: ${id}`);
    const bad = (id: string): string => toRequest("{", `X-Request-Id: ${id}`);
    // Replies to the first are ready while the second is computed, and more arrive meanwhile.
    socket.write(`${bad("a")}${good("b")}${bad("c")}`);
    await sleep(1);
    for (const id of ["d", "e", "f"]) {
      socket.write(good(id));
      socket.write(bad(`${id}2`));
    }
    socket.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await closed;
    const { whole, rest } = readReplies(received);
    expect(rest).toBe("");
    expect(whole.map(({ status, headers }) => `${headers.get("x-request-id")} ${status}`)).toEqual([
      "a 400",
      "b 200",
      "c 400",
      "d 200",
      "d2 400",
      "e 200",
      "e2 400",
      "f 200",
      "f2 400",
      expect.stringMatching(/ 200$/),
    ]);
    const count = (status: number): Promise<number> =>
      server.metric(`api_requests_total{method="POST",route="/predict",status="${status}"}`);
    await expect.poll(() => count(400)).toBe(5);
    expect(await count(200)).toBe(4);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
  });

  it("counts a client that leaves while it computes as 499", async () => {
    await using server = await startServer({}, { prepare: addSlow });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(toRequest('{"x": 20000}'));
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    socket.resetAndDestroy();
    const series = 'api_requests_total{method="POST",route="/predict",status="499"}';
    await expect.poll(() => server.metric(series)).toBe(1);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
  });

  it("predicts rows, batches and streams, and shows which engine serves it", async () => {
    await using server = await startServer({}, { prepare: addKnn });
    for (const headers of [{}, { origin: server.url }]) {
      const replies = await Promise.all(
        ROWS.map(({ row }) =>
          server.send("/predict", {
            method: "POST",
            headers: { "content-type": "application/json", ...headers },
            body: JSON.stringify(row),
          }),
        ),
      );
      expect(replies.map(({ json }) => json.prediction)).toEqual(LABELS);
    }
    const batch = await server.post("/predict/batch", { instances: ROWS.map(({ row }) => row) });
    expect(
      batch.json.predictions.map(({ prediction }: { prediction: number }) => prediction),
    ).toEqual(LABELS);
    const csv = await server.send("/models/knn/predict/batch", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: CSV,
    });
    const lines = csv.text.trim().split("\n").slice(1);
    expect(lines.map((line) => Number(line.split(",")[1]))).toEqual(LABELS);
    const ndjson = await server.send("/models/knn/versions/1/predict/batch", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: ROWS.map(({ row }) => JSON.stringify(row)).join("\n"),
    });
    const objects = ndjson.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(objects.map(({ prediction }) => prediction)).toEqual(LABELS);

    const { json } = await server.get("/models");
    expect(json.models[0].versions[0]).toMatchObject({ state: "READY", engine: "onnxruntime" });
    expect((await server.get("/models/knn")).json.engine).toBe("onnxruntime");
    const info = 'model_info{model="knn",version="1",task="classification",engine="onnxruntime"}';
    expect(await server.metric(info)).toBe(1);
    expect(await server.metric(FAILURES)).toBe(0);
    const rows = 'model_predictions_total{model="knn",version="1",class="0"}';
    expect(await server.metric(rows)).toBe(5 * LABELS.filter((label) => label === 0).length);
    const openapi = await server.get("/openapi.json");
    expect(openapi.status).toBe(200);
    expect(openapi.text).toContain('"prediction"');
  });

  it("checks rows as other models do: p-values, ranges, missing values, bad rows", async () => {
    await using server = await startServer(
      { oodPolicy: "reject" },
      {
        prepare: async (models) => {
          const data = "examples/iris/iris.csv";
          const { model, hasGuard } = await importModel({
            graph: KNN,
            models,
            data,
            drop: ["species"],
          });
          expect(hasGuard).toBe(true);
          await model.executor.close?.();
        },
      },
    );
    const { json: example } = await server.get("/models/knn/example");
    const good = await server.post("/predict", example);
    expect(good.json.out_of_distribution).toMatchObject({ is_outlier: false });
    const names = Object.keys(example);
    const far = await server.post("/predict", { ...example, [names[0]!]: 500 });
    expect([far.status, far.json.code]).toEqual([422, "OUT_OF_DISTRIBUTION"]);
    const missing = await server.post("/predict", { ...example, [names[0]!]: null });
    expect([missing.status, missing.json.code]).toEqual([422, "INVALID_INPUT"]);
    const csv = await server.send("/predict/batch", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: `${names.join(",")}\n5.1,3.5,1.4,0.2\n1,2,x,4\n500,3,1,1\n6,3,5,2\n`,
    });
    const lines = csv.text.trim().split("\n").slice(1);
    expect(lines.map((line) => line.split(",")[1] !== "")).toEqual([true, false, false, true]);
    const stopped = await server.send("/predict/batch?on_bad_row=stop", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: `${names.join(",")}\n5.1,3.5,1.4,0.2\n500,3,1,1\n6,3,5,2\n`,
    });
    expect(stopped.text.trim().split("\n")).toHaveLength(3);
  });

  it("replies 503 while its process is replaced, and then serves again", async () => {
    await using server = await startServer({}, { prepare: addSlow });
    const [pid = 0] = await listEngines();
    const running = [
      server.post("/predict", { x: 3_000 }),
      server.send("/predict", {
        method: "POST",
        headers: { "content-type": "application/json", origin: server.url },
        body: '{"x": 3000}',
      }),
    ];
    await sleep(100);
    process.kill(pid, "SIGKILL");
    for (const reply of await Promise.all(running)) {
      expect(reply.status).toBe(503);
      expect(reply.headers).toMatchObject({
        "retry-after": "5",
        "content-type": "application/problem+json; charset=utf-8",
      });
      expect(reply.json).toMatchObject({
        code: "ENGINE_FAILED",
        detail: "The process that computes the model ended by SIGKILL.",
      });
    }
    const reply = await server.post("/predict", { x: 3 });
    expect([reply.status, reply.json.prediction]).toEqual([200, 7]);
    expect(await server.metric(FAILURES.replace("knn", "slow"))).toBe(1);
    expect(
      await server.metric('model_requests_total{model="slow",version="1",result="error"}'),
    ).toBe(2);
  });

  it("replies 503 when a request or the first row of a stream takes too long", async () => {
    await using server = await startServer({ engineTimeout: 0.5 }, { prepare: addSlow });
    const slow = await server.post("/predict", { x: 9_000 });
    expect([slow.status, slow.json.code]).toEqual([503, "ENGINE_TIMEOUT"]);
    const isServed = async (): Promise<boolean> =>
      (await server.post("/predict", { x: 1 })).status === 200;
    await expect.poll(isServed).toBe(true);
    const first = await server.send("/predict/batch", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: "x\n9000\n",
    });
    expect([first.status, first.json.code]).toEqual([503, "ENGINE_TIMEOUT"]);
    await expect.poll(isServed).toBe(true);
  });

  it("rejects the rows for which its graph fails", async () => {
    await using server = await startServer({}, { prepare: addSlow });
    // No integer of 64 bits: the size that the graph computes is negative.
    const row = await server.post("/predict", { x: 1e30 });
    expect([row.status, row.json.code]).toEqual([422, "INVALID_INPUT"]);
    expect(row.json.detail).toContain("The graph of the model fails for this input");
    const csv = await server.send("/predict/batch", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: "x\n1\n1e30\n2\n",
    });
    const lines = csv.text.trim().split("\n").slice(1);
    expect(lines.map((line) => line.split(",")[1])).toEqual(["3", "", "5"]);
    expect(lines[1]).toContain("The graph of the model fails");
    const predictions = 'model_predictions_total{model="slow",version="1",class=""}';
    expect(await server.metric(predictions)).toBe(2);
  });

  it("ends its process when its version is removed, and when the server closes", async () => {
    const server = await startServer(
      { loadVersions: 1 },
      {
        prepare: async (models) => {
          await addKnn(models);
          await addSlow(models);
        },
      },
    );
    const before = await listEngines();
    expect(before).toHaveLength(2);
    await addKnn(server.models);
    await server.server.reload();
    await expect.poll(async () => (await listEngines()).length).toBe(2);
    expect(await listEngines()).not.toEqual(before);
    expect((await server.post("/models/knn/predict", ROWS[0]!.row)).status).toBe(200);
    await rm(`${server.models}/slow`, { recursive: true });
    await server.server.reload();
    await expect.poll(async () => (await listEngines()).length).toBe(1);
    await server[Symbol.asyncDispose]();
    expect(await listEngines()).toEqual([]);
  });
});
