import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { copyIris, toIrisObject, trainIris } from "../support/models.ts";
import { startServer } from "../support/server.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

describe("readiness", () => {
  it("is missing without a model, with advice, and comes with a reload", async () => {
    const warnings: string[] = [];
    const logger = pino(
      { level: "warn" },
      { write: (line: string) => void warnings.push(JSON.parse(line).msg) },
    );
    await using server = await startServer({}, { prepare: (models) => mkdir(models), logger });
    expect((await server.get("/health/live")).status).toBe(200);
    const ready = await server.get("/health/ready");
    expect(ready.status).toBe(503);
    expect(ready.headers["retry-after"]).toBe("5");
    expect(ready.json.detail).toContain("The models folder is empty");
    expect(warnings).toEqual([
      expect.stringContaining(`there is no model in the folder ${server.models},`),
    ]);
    expect((await server.get("/")).json).toMatchObject({ status: "no model", model: null });
    const predict = await server.post("/predict", SETOSA);
    expect(predict.status).toBe(503);
    expect(predict.json.detail).toContain("tepal train");
    await copyIris(server.models);
    await server.server.reload();
    expect((await server.get("/health/ready")).json).toEqual({ status: "ready" });
    expect((await server.get("/")).json).toMatchObject({
      status: "ok",
      model: { name: "iris", version: 1 },
    });
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
  });
});

describe("reload", () => {
  it("serves a new version at once, and the old one by its number", async () => {
    await using server = await startServer();
    await trainIris(server.models, { trees: 8, seed: 7 });
    expect((await server.post("/predict", SETOSA)).json.model.version).toBe(1);
    const report = await server.server.reload();
    expect(report).toEqual({
      loaded: [{ name: "iris", version: 2 }],
      failed: [],
      removed: [],
      problems: [],
    });
    expect((await server.post("/predict", SETOSA)).json.model.version).toBe(2);
    const old = await server.post("/models/iris/versions/1/predict", SETOSA);
    expect(old.json.model.version).toBe(1);
  });

  it("rejects a damaged new version with the reason, and serves the old one", async () => {
    await using server = await startServer();
    const bad = join(server.models, "iris", "2");
    await cp(join(server.models, "iris", "1"), bad, { recursive: true });
    const graph = await readFile(join(bad, "model.onnx"));
    graph[graph.length >> 1] = (graph[graph.length >> 1] ?? 0) ^ 0x10;
    await writeFile(join(bad, "model.onnx"), graph);
    const report = await server.server.reload();
    expect(report.failed).toHaveLength(1);
    expect((await server.post("/predict", SETOSA)).json.model.version).toBe(1);
    const { json } = await server.get("/models");
    expect(json.models[0]).toMatchObject({ serving: 1, is_default: true });
    expect(json.models[0].versions[1]).toMatchObject({
      version: 2,
      state: "FAILED",
      reason: expect.stringContaining("Invalid model.onnx: Expected the SHA-256"),
      loaded_at: null,
    });
    expect((await server.get("/health/ready")).status).toBe(200);
    expect(await server.metric('model_loads_total{result="failed"}')).toBe(1);
    expect((await server.post("/models/iris/versions/2/predict", SETOSA)).status).toBe(503);
    // The next reload tries it again, since the disk may have been the cause. A repaired version serves.
    expect((await server.server.reload()).failed).toHaveLength(1);
    await rm(bad, { recursive: true });
    await trainIris(server.models, { trees: 8 });
    expect((await server.server.reload()).loaded).toEqual([{ name: "iris", version: 2 }]);
  });

  it("serves the loaded versions when their files, or the whole folder, are damaged or missing", async () => {
    await using server = await startServer();
    const manifest = join(server.models, "iris", "1", "manifest.json");
    await writeFile(manifest, "{");
    const { failed } = await server.server.reload();
    expect(failed[0]?.reason).toContain("Invalid manifest.json: Expected valid JSON.");
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    expect((await server.get("/models")).json.models[0].versions[0]).toMatchObject({
      state: "READY",
      reason: expect.stringContaining("Invalid manifest.json: Expected valid JSON."),
    });
    await rename(server.models, `${server.models}-away`);
    expect((await server.server.reload()).problems).toEqual([
      { part: "models", message: expect.stringContaining("cannot be read") },
    ]);
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
  });

  it("drops a version whose folder was removed, with its metrics", async () => {
    await using server = await startServer();
    await trainIris(server.models, { trees: 8 });
    await server.server.reload();
    await server.post("/predict", SETOSA);
    expect((await server.get("/metrics")).text).toContain('version="2"');
    await rm(join(server.models, "iris", "2"), { recursive: true });
    const report = await server.server.reload();
    expect(report.removed).toEqual([{ name: "iris", version: 2 }]);
    expect((await server.post("/predict", SETOSA)).json.model.version).toBe(1);
    expect((await server.get("/metrics")).text).not.toContain('version="2"');
  });

  it("loads a version that was replaced in place, and keeps its metrics", async () => {
    await using server = await startServer();
    await server.post("/predict", SETOSA);
    await rm(join(server.models, "iris"), { recursive: true });
    await trainIris(server.models, { trees: 8, seed: 1 });
    const report = await server.server.reload();
    expect(report.loaded).toEqual([{ name: "iris", version: 1 }]);
    await server.post("/predict", SETOSA);
    const series = 'model_predictions_total{model="iris",version="1",class="setosa"}';
    expect(await server.metric(series)).toBe(2);
  });

  it("replies to every request during a reload", async () => {
    await using server = await startServer();
    const statuses = new Set<number>();
    const work = new AbortController();
    const predicting = (async () => {
      while (!work.signal.aborted) statuses.add((await server.post("/predict", SETOSA)).status);
    })();
    for (let seed = 0; seed < 5; seed++) {
      await trainIris(server.models, { trees: 8, seed });
      await server.server.reload();
    }
    work.abort();
    await predicting;
    expect([...statuses]).toEqual([200]);
  });

  it("loads only --load-versions versions", async () => {
    await using server = await startServer({ loadVersions: 1 });
    await trainIris(server.models, { trees: 8 });
    await server.server.reload();
    const { json } = await server.get("/models");
    const states = json.models[0].versions.map((version: { state: string }) => version.state);
    expect(states).toEqual(["NOT_LOADED", "READY"]);
    const old = await server.post("/models/iris/versions/1/predict", SETOSA);
    expect(old.status).toBe(503);
    expect(old.json.detail).toContain("--load-versions");
  });

  it("keeps its default model when another is added whose name comes first", async () => {
    await using server = await startServer();
    await trainIris(server.models, { name: "aardvark", trees: 8 });
    await server.server.reload();
    expect((await server.post("/predict", SETOSA)).json.model.name).toBe("iris");
    await rm(join(server.models, "iris"), { recursive: true });
    await server.server.reload();
    expect((await server.post("/predict", SETOSA)).json.model.name).toBe("aardvark");
  });

  it("reports that the model in --default-model is missing", async () => {
    await using server = await startServer({ defaultModel: "wine" });
    const reply = await server.post("/predict", SETOSA);
    expect(reply.status).toBe(503);
    expect(reply.json.detail).toContain(
      'The default model "wine" does not exist. Models: iris. Choose one with --default-model.',
    );
    expect((await server.post("/models/iris/predict", SETOSA)).status).toBe(200);
  });

  it("ignores other files in the models folder", async () => {
    await using server = await startServer(
      {},
      {
        prepare: async (models) => {
          await copyIris(models);
          await writeFile(join(models, "notes.txt"), "hello");
          await mkdir(join(models, ".git"));
          await mkdir(join(models, "empty"));
          await mkdir(join(models, "iris", ".new-1234"));
          await mkdir(join(models, "iris", "0"));
          await mkdir(join(models, "iris", "backup"));
        },
      },
    );
    const { json } = await server.get("/models");
    expect(json.models).toHaveLength(1);
    expect(json.models[0].versions).toHaveLength(1);
  });
});

describe("closing", () => {
  it("is not ready at once, replies to new requests, and finishes those in progress", async () => {
    await using server = await startServer({ drainTimeout: 4 });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
    const body = JSON.stringify(SETOSA);
    const head = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, 10));
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    const closed = server.server.close();
    const ready = await server.get("/health/ready");
    expect(ready.status).toBe(503);
    expect(ready.json.code).toBe("SHUTTING_DOWN");
    expect(ready.headers["retry-after"]).toBe("5");
    expect((await server.get("/health/live")).status).toBe(200);
    const predicted = await server.post("/predict", SETOSA);
    expect(predicted.status).toBe(200);
    expect(predicted.headers["connection"]).toBe("close");
    socket.write(body.slice(10));
    await expect.poll(() => received).toContain('"prediction":0');
    expect(received.toLowerCase()).toContain("connection: close");
    await closed;
    await expect(server.get("/health/live")).rejects.toThrow("ECONNREFUSED");
  });

  it("ends after --drain-timeout if a request never ends", async () => {
    await using server = await startServer({ drainTimeout: 0.2 });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(
      "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
    );
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    await server.server.close();
    await server.server.close();
  });

  it("reports a port in use", async () => {
    await using server = await startServer();
    const port = Number(new URL(server.url).port);
    await expect(startServer({ port })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port}: Another program uses this port. Choose another one with --port.`,
    );
  });
});
