import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { IRIS, IRIS_CSV, copyIris, toIrisObject, trainPlane } from "../support/models.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openStream } from "../support/stream-client.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const IRIS_1 = 'model="iris",version="1"';

/** The sum over the series of a metric whose labels contain a string. */
async function sumSeries(server: TestServer, name: string, labels = ""): Promise<number> {
  const { text } = await server.get("/metrics");
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

const trainTwoModels = (models: string) => copyIris(models).then(() => trainPlane(models));

describe("GET /metrics", () => {
  it("exposes every declared metric, with help and type, and the metrics of the process", async () => {
    await using server = await startServer({}, { processMetrics: true });
    const { text, headers } = await server.get("/metrics");
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    for (const { name, help, type } of Object.values(METRICS)) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    for (const name of Object.values(PROCESS_METRICS)) expect(text).toContain(`# TYPE ${name} `);
  });

  it.runIf(hasProgram("promtool"))("passes promtool's check", async () => {
    await using server = await startServer(
      {},
      {
        prepare: trainTwoModels,
        processMetrics: true,
      },
    );
    await server.post("/predict", SETOSA);
    await server.post("/models/plane/predict", { a: 1, b: 1 });
    const { text } = await server.get("/metrics");
    const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    expect(checked.stderr + checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  });

  it("adds up to the requests: rows by class, confidence, batches, flags, p-values and bins", async () => {
    await using server = await startServer();
    const { json } = await server.post("/predict/batch", {
      instances: IRIS.map(({ row }) => row),
    });
    const odd = await server.post("/predict", { ...SETOSA, sepal_length: 100 });
    const replies: {
      probabilities: Record<string, number>;
      out_of_distribution: { p_value: number };
    }[] = [...json.predictions, odd.json];
    const confidence = replies.reduce(
      (sum, { probabilities }) => sum + Math.max(...Object.values(probabilities)),
      0,
    );
    expect(await server.metric(`model_confidence_sum{${IRIS_1}}`)).toBeCloseTo(confidence, 6);
    const pValues = replies.reduce((sum, reply) => sum + reply.out_of_distribution.p_value, 0);
    expect(await server.metric(`model_ood_p_value_sum{${IRIS_1}}`)).toBeCloseTo(pValues, 6);
    for (const species of ["setosa", "versicolor", "virginica"]) {
      const series = `model_predictions_total{${IRIS_1},class="${species}"}`;
      expect(await server.metric(series)).toBe(species === "setosa" ? 51 : 50);
    }
    expect(await server.metric(`model_batch_rows_count{${IRIS_1}}`)).toBe(2);
    expect(await server.metric(`model_batch_rows_sum{${IRIS_1}}`)).toBe(151);
    expect(await server.metric(`model_confidence_count{${IRIS_1}}`)).toBe(151);
    expect(await server.metric(`model_ood_p_value_count{${IRIS_1}}`)).toBe(151);
    expect(await server.metric(`model_inference_duration_seconds_count{${IRIS_1}}`)).toBe(2);
    expect(await server.metric(`model_ood_total{${IRIS_1},reason="range"}`)).toBe(1);
    expect(await server.metric(`model_ood_total{${IRIS_1},reason="p_value"}`)).toBe(1);
    for (const feature of ["sepal_length", "sepal_width", "petal_length", "petal_width"]) {
      const labels = `feature="${feature}"`;
      expect(await sumSeries(server, "model_feature_bin_total", labels)).toBe(151);
      expect(await sumSeries(server, "model_feature_reference_ratio", labels)).toBeCloseTo(1, 9);
    }
  });

  it("counts the training rows into bins with the ratios of the reference", async () => {
    await using server = await startServer();
    await server.post("/predict/batch", { instances: IRIS.map(({ row }) => row) });
    const { text } = await server.get("/metrics");
    const counts = [...text.matchAll(/^model_feature_bin_total(\{.*\}) (\d+)$/gm)];
    expect(counts.length).toBeGreaterThan(30);
    for (const [, labels, count] of counts) {
      const ratio = await server.metric(`model_feature_reference_ratio${labels}`);
      expect(Number(count) / 150).toBeCloseTo(ratio, 9);
    }
  });

  it("has the names, labels and cumulative buckets of the original tutorial", async () => {
    await using server = await startServer();
    for (let i = 0; i < 5; i++) await server.post("/predict", SETOSA);
    const labels = 'method="POST",route="/predict",status="200"';
    expect(await server.metric(`api_requests_total{${labels}}`)).toBe(5);
    expect(await server.metric(`api_request_latency_seconds_count{${labels}}`)).toBe(5);
    expect(await server.metric(`api_request_latency_seconds_bucket{${labels},le="+Inf"}`)).toBe(5);
    const sum = await server.metric(`api_request_latency_seconds_sum{${labels}}`);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(5);
    const bodyBytes = JSON.stringify(SETOSA).length;
    expect(await server.metric('api_request_size_bytes_sum{route="/predict"}')).toBe(5 * bodyBytes);
    expect(await server.metric("api_unique_clients")).toBe(1);
  });

  it("counts requests in flight without scrapes, and streams apart from the latency of requests", async () => {
    await using server = await startServer();
    await Promise.all([server.get("/metrics"), server.get("/metrics")]);
    expect(await server.metric("api_requests_in_flight")).toBe(0);
    const stream = openStream(server.url, "/predict/batch");
    stream.request.write("sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n");
    await stream.readUntil("setosa");
    expect(await server.metric("api_requests_in_flight")).toBe(1);
    stream.request.end();
    await stream.readAll();
    const broken = openStream(server.url, "/predict/batch");
    broken.request.end("no,header\n1,2\n");
    await broken.readAll();
    const labels = 'method="POST",route="/predict/batch",status=';
    for (const status of [200, 422]) {
      const series = `{${labels}"${status}"}`;
      await expect.poll(() => server.metric(`api_stream_duration_seconds_count${series}`)).toBe(1);
      expect(await server.metric(`api_requests_total${series}`)).toBe(1);
    }
    expect(await server.metric("api_requests_in_flight")).toBe(0);
    const { text } = await server.get("/metrics");
    expect(text).not.toContain(`api_request_latency_seconds_count{${labels}`);
  });

  it("counts requests by model, version and result, and measures their stages, on both paths", async () => {
    await using server = await startServer({}, { prepare: trainTwoModels });
    const count = (model: string, result: string) =>
      server.metric(`model_requests_total{model="${model}",version="1",result="${result}"}`);
    const before = (await server.get("/metrics")).text;
    expect(before).not.toMatch(/^model_(?:requests|request_duration|stage_duration).*\{/m);
    await server.post("/predict", SETOSA);
    // A media type with parameters takes the slow path.
    const slow = { "content-type": "application/json; charset=utf-8; x=1" };
    const send = (path: string, body: string, headers: Record<string, string> = slow) =>
      server.send(path, { method: "POST", headers, body });
    await send("/predict/batch", JSON.stringify({ instances: [SETOSA, SETOSA] }));
    for (const stage of ["body", "queue", "decode", "check", "inference", "encode"]) {
      const series = `model_stage_duration_seconds_count{${IRIS_1},stage="${stage}"}`;
      expect([stage, await server.metric(series)]).toEqual([stage, 2]);
    }
    const duration = `model_request_duration_seconds_count{${IRIS_1}}`;
    expect(await server.metric(duration)).toBe(2);
    expect(await count("iris", "error")).toBe(0);
    for (const body of ["{", "{}"]) {
      await server.send("/predict", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      await send("/models/plane/predict", body);
    }
    await send("/models/nobody/predict", "{");
    await send("/predict/batch", IRIS_CSV, { "content-type": "text/csv" });
    await send("/predict/batch", "no,header\n", { "content-type": "text/csv" });
    expect(await count("iris", "input_error")).toBe(3);
    expect(await count("plane", "input_error")).toBe(2);
    // The stream is a request of the model, without a duration.
    await expect.poll(() => count("iris", "success")).toBe(3);
    expect(await server.metric(duration)).toBe(2);
    expect((await server.get("/metrics")).text).not.toContain("nobody");
  });

  it("compresses for clients that accept gzip, and has the same content", async () => {
    await using server = await startServer();
    const plain = await server.get("/metrics");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const { body, headers } = await request(`${server.url}/metrics`, {
      headers: { "accept-encoding": "gzip", accept: "text/plain" },
    });
    expect(headers).toMatchObject({
      "content-encoding": "gzip",
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      vary: "accept, accept-encoding",
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    const names = (text: string): string[] => [...text.matchAll(/^# TYPE .*$/gm)].map(String);
    expect(names(gunzipSync(bytes).toString())).toEqual(names(plain.text));
    expect(bytes.length).toBeLessThan(plain.text.length / 4);
  });

  it("before use has series only for /predict, in the queries of the original tutorial", async () => {
    await using server = await startServer();
    const { text } = await server.get("/metrics");
    const series = (name: string): string[] =>
      [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} `, "gm"))].map(([, labels = ""]) => labels);
    const predict = 'method="POST",route="/predict",status=';
    expect(series("api_requests_total")).toEqual([`${predict}"200"`, `${predict}"500"`]);
    expect(series("api_request_latency_seconds_count")).toEqual([`${predict}"200"`]);
    for (const name of ["api_request_size_bytes", "api_response_size_bytes"]) {
      expect(series(`${name}_count`)).toEqual([]);
    }
    await server.post("/predict/batch", { instances: [SETOSA] });
    // From the first request on, so that a rate sees the first failure.
    const failed = 'api_requests_total{method="POST",route="/predict/batch",status="500"} 0\n';
    expect((await server.get("/metrics")).text).toContain(failed);
  });

  it("has the essential series first, then those of the application, and last those of drift", async () => {
    await using server = await startServer(
      {},
      {
        processMetrics: true,
        extend: ({ metrics }) => void metrics.gauge({ name: "shop_orders", help: "Orders." }),
      },
    );
    const { text } = await server.get("/metrics");
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    const at = (name: string): number => names.indexOf(name);
    const drift = Object.values(METRICS).filter((declaration) => "group" in declaration);
    const others = Object.values(METRICS).filter((declaration) => !("group" in declaration));
    expect(names.slice(-drift.length)).toEqual(drift.map(({ name }) => name));
    expect(at("shop_orders")).toBe(names.length - drift.length - 1);
    for (const { name } of others) expect(at(name)).toBeLessThan(at("process_cpu_seconds_total"));
    expect(at("nodejs_version_info")).toBeLessThan(at("shop_orders"));
  });

  it("shows the ready versions, their load time and the default", async () => {
    const clock = { nowMs: () => 1_700_000_000_000, monotonicSeconds: () => 0 };
    await using server = await startServer({}, { clock });
    expect(await server.metric(`model_info{${IRIS_1},task="classification",engine="tepal"}`)).toBe(
      1,
    );
    expect(await server.metric(`model_default{${IRIS_1}}`)).toBe(1);
    expect(await server.metric("tepal_default_model_ready")).toBe(1);
    expect(await server.metric(`model_loaded_timestamp_seconds{${IRIS_1}}`)).toBe(1_700_000_000);
    expect(await server.metric(`model_reference_rows{${IRIS_1}}`)).toBe(150);
    expect(await server.metric('model_loads_total{result="ready"}')).toBe(1);
  });

  it("has no series for 10,000 random paths, names and methods of clients", async () => {
    await using server = await startServer();
    const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "PROPFIND", "SEARCH"];
    const paths = (i: number): string[] => [
      `/${i}x`,
      `/models/m${i}`,
      `/models/m${i}/predict`,
      `/models/iris/versions/${i + 2}/predict`,
      `/predict?x=${i}`,
    ];
    const sendAll = async (from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i++) {
        const method = methods[i % methods.length] ?? "GET";
        const path = paths(i)[i % 5] ?? "/";
        await server.send(path, { method, headers: { "x-request-id": `r${i}` } });
      }
    };
    await sendAll(0, 200);
    // The first scrape opens series of its own.
    await server.get("/metrics");
    const before = (await server.get("/metrics")).text.split("\n").length;
    await Promise.all(
      Array.from({ length: 8 }, (_, k) => sendAll(200 + k * 1_250, 1_450 + k * 1_250)),
    );
    const after = (await server.get("/metrics")).text.split("\n").length;
    expect(after - before).toBeLessThan(20);
    const { text } = await server.get("/metrics");
    expect(text).toContain('method="other",route="unmatched",status="404"');
    expect(text).not.toContain("PROPFIND");
    expect(await sumSeries(server, "api_requests_total")).toBeGreaterThanOrEqual(10_200);
  });
});
