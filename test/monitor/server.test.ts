import { gunzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { request } from "undici";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { createMonitor } from "../../src/monitor/create-monitor.ts";
import { MONITOR_OPTIONS } from "../../src/monitor/options.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS, toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";
import { HEAVY } from "./heavy.ts";
import { watchThreads } from "./threads.ts";

vi.setConfig({ testTimeout: 60_000 });

const API = "/prometheus/api/v1";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const start = (options: object = {}): Promise<TestServer> =>
  startServer({ monitor: true, persist: false, scrapeInterval: 0.5, ...options });

const query = (promql: string): string => `${API}/query?query=${encodeURIComponent(promql)}`;

/** Returns the value of the only series of an instant query; undefined without a series. */
async function valueOf(server: TestServer, promql: string): Promise<number | undefined> {
  const { json } = await server.get(query(promql));
  const value = json.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

describe("the built-in monitor", () => {
  it("evaluates PromQL over the server's own metrics, with the labels of a scrape", async () => {
    await using server = await start();
    await until(async () => (await valueOf(server, "up")) === 1);
    const row = toIrisObject(IRIS[0]!.row);
    for (let i = 0; i < 5; i++) await server.post("/predict", row);
    const total = 'api_requests_total{route="/predict"}';
    await until(async () => (await valueOf(server, total)) === 5);
    const { json } = await server.get(query(total));
    expect(json.data.result[0].metric).toEqual({
      __name__: "api_requests_total",
      instance: new URL(server.url).host,
      job: "tepal",
      method: "POST",
      route: "/predict",
      status: "200",
    });
    const buckets = 'api_request_latency_seconds_bucket{le="1.0",route="/predict",status="200"}';
    await until(async () => (await valueOf(server, buckets)) === 5);
  });

  it("accepts forms by POST, whose parameters precede those of the query string", async () => {
    await using server = await start();
    const options = { method: "POST", headers: FORM, body: "query=1%2B1&time=5" };
    const { status, json } = await server.send(`${API}/query?query=7&time=6`, options);
    expect([status, json.data]).toEqual([200, { resultType: "scalar", result: [5, "2"] }]);
  });

  it("compresses large replies for clients that accept gzip", async () => {
    await using server = await start();
    const path = `${server.url}${API}/query_range?query=vector(time())&start=0&end=5000&step=1`;
    const fetchWith = (encoding: string) =>
      request(path, { headers: { "accept-encoding": encoding } }).then(
        async ({ headers, body }) => [headers, Buffer.from(await body.arrayBuffer())] as const,
      );
    const [, plain] = await fetchWith("identity");
    expect(JSON.parse(plain.toString()).data.result[0].values).toHaveLength(5_001);
    const [headers, compressed] = await fetchWith("br, gzip;q=0.5");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(compressed).equals(plain)).toBe(true);
    for (const encoding of ["br", "gzip;q=0", "gzip;q=0.0, br"]) {
      expect((await fetchWith(encoding))[0]["content-encoding"]).toBeUndefined();
    }
  });

  it("replies with errors of Prometheus, and has no other endpoints", async () => {
    await using server = await start();
    const { status, json } = await server.get(query("sum("));
    expect([status, json.status, json.errorType]).toEqual([400, "error", "bad_data"]);
    const nothing = await server.get(`${API}/nothing`);
    expect([nothing.status, nothing.json.errorType]).toEqual([404, "not_found"]);
    expect((await server.get("/prometheus/graph")).status).toBe(404);
    // The links of alerts.
    const linked = await server.get("/prometheus/graph?g0.expr=1+%2B+1&g0.tab=1");
    expect([linked.status, linked.headers["location"]]).toEqual([
      302,
      "api/v1/query?query=1+%2B+1",
    ]);
    expect((await server.send(query("1"), { method: "DELETE" })).status).toBe(405);
    await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
    expect((await server.get("/prometheus/-/healthy")).status).toBe(200);
  });

  it("shows its configuration without secrets", async () => {
    await using server = await start({
      retention: 36,
      scrape: ["node=http://me:s3cret@127.0.0.1:9/x"],
      alertWebhook: ["http://127.0.0.1:9/s3cret"],
      alertmanagerUrl: ["http://127.0.0.1:9/s3cret"],
    });
    const fetchData = async (path: string) => (await server.get(`${API}/${path}`)).json.data;
    const flags = await fetchData("status/flags");
    expect(flags).toMatchObject({ retention: "36", "scrape-interval": "0.5", persist: "false" });
    const { yaml } = await fetchData("status/config");
    expect(JSON.parse(yaml).scrape_configs).toMatchObject([
      { job_name: "tepal", metrics_path: "/metrics" },
      { job_name: "node", metrics_path: "/x", static_configs: [{ targets: ["127.0.0.1:9"] }] },
    ]);
    expect(await fetchData("status/runtimeinfo")).toMatchObject({ storageRetention: "36h" });
    const targets = await fetchData("targets");
    expect(targets.activeTargets).toHaveLength(2);
    expect(JSON.stringify([flags, yaml, targets])).not.toContain("s3cret");
  });

  it("counts all of its requests under one route", async () => {
    await using server = await start();
    await server.get(`${API}/label/job/values`);
    await server.get(`${API}/labels`);
    const labels = 'method="GET",route="/prometheus/*",status="200"';
    expect(await server.metric(`api_requests_total{${labels}}`)).toBe(2);
  });

  it("is absent by default", async () => {
    await using server = await startServer();
    expect((await server.get(query("1"))).status).toBe(404);
    expect(await server.metric("tepal_monitor_series")).toBe(0);
    expect((await server.get("/metrics")).text).not.toMatch(/^tepal_monitor/m);
  });
});

/** Sends a query that takes more than a minute. Resolves once it is in flight. @returns its outcome */
async function startHeavyQuery(server: TestServer) {
  await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
  const before = await server.metric("api_requests_in_flight");
  const outcome = server.get(query(HEAVY)).then(
    ({ status, json }) => `${status} ${json.error}`,
    () => "connection closed",
  );
  await until(async () => (await server.metric("api_requests_in_flight")) > before);
  return { outcome };
}

describe("a long query", () => {
  it("does not delay predictions", async () => {
    await using server = await start({ queryTimeout: 3_600, drainTimeout: 1 });
    const heavy = await startHeavyQuery(server);
    let hasEnded = false;
    void heavy.outcome.finally(() => (hasEnded = true));
    const row = toIrisObject(IRIS[0]!.row);
    for (let i = 0; i < 50; i++) expect((await server.post("/predict", row)).status).toBe(200);
    expect(hasEnded).toBe(false);
  });

  it("ends at its timeout, and the monitor continues", async () => {
    await using server = await start({ queryTimeout: 1 });
    const { status, json } = await server.get(query(HEAVY));
    expect([status, json.errorType]).toEqual([503, "timeout"]);
    expect((await server.get(query("1"))).status).toBe(200);
  });

  it("does not delay the shutdown of the server", async () => {
    const server = await start({ queryTimeout: 3_600, drainTimeout: 1 });
    const heavy = await startHeavyQuery(server);
    await server[Symbol.asyncDispose]();
    expect(await heavy.outcome).toBe("connection closed");
  });
});

describe("the monitor's thread", () => {
  it("restarts after its death, and requests meanwhile get 503", async () => {
    await using folder = await createFolder();
    using watch = watchThreads();
    await using server = await start({ persist: true, dataDir: folder.path });
    const count = "count_over_time(up[1h])";
    await until(async () => ((await valueOf(server, count)) ?? 0) > 4);
    expect(watch.threads).toHaveLength(1);
    const heavy = await startHeavyQuery(server);
    await watch.threads[0]?.terminate();
    expect(await heavy.outcome).toBe("503 The monitor ended before it replied");
    const row = toIrisObject(IRIS[0]!.row);
    expect((await server.post("/predict", row)).status).toBe(200);
    await until(async () => (await server.get(query("1"))).status === 200);
    expect(await valueOf(server, count)).toBeGreaterThan(4);
    expect(await server.metric("tepal_monitor_restarts_total")).toBe(1);
    expect(watch.threads).toHaveLength(2);
  });
});

/** Starts a monitor without a server. */
function open(renderMetrics: () => Promise<string>, flags: object = {}) {
  const options = resolveOptions(MONITOR_OPTIONS, {
    flags: { persist: false, scrapeInterval: 0.2, ...flags },
  });
  const metrics = createMetrics({ process: false });
  const monitor = createMonitor({
    options,
    logger: { info() {}, warn() {}, error() {} } as never,
    clock: systemClock,
    metrics,
    version: "0.0.0",
    url: () => "http://127.0.0.1:1",
    publicUrl: () => "http://127.0.0.1:1",
    renderMetrics,
  });
  monitor.start();
  const send = async (path: string, parameters = "") => {
    const { status, body } = await monitor.request({ path, parameters, gzip: false });
    return { code: status, ...JSON.parse(new TextDecoder().decode(body)) };
  };
  return { monitor, metrics, send };
}

describe("the queue of requests", () => {
  it("runs requests in order, up to their timeouts, and rejects those above its length", async () => {
    const { monitor, send } = open(() => Promise.resolve(""), { queryTimeout: 2, queryQueue: 3 });
    await until(() => monitor.isReady());
    const heavy = send("query", `query=${encodeURIComponent(HEAVY)}`);
    const impatient = send("query", "query=1&timeout=0.1");
    const patient = send("labels");
    const fourth = send("query", "query=1");
    expect(await fourth).toMatchObject({
      code: 503,
      errorType: "unavailable",
      error: "The queue of the monitor is full: 3 requests (--query-queue)",
    });
    expect(await heavy).toMatchObject({ code: 503, errorType: "timeout" });
    expect(await impatient).toMatchObject({ error: "query timed out in query queue" });
    expect(await patient).toMatchObject({ code: 200, status: "success" });
    await monitor.close();
  });
});

describe("a scrape of the server itself", () => {
  it("that fails is shown in targets", async () => {
    const { monitor, send } = open(() => Promise.reject(new Error("disk full")));
    const find = async () => (await send("targets")).data.activeTargets[0];
    await until(async () => (await find()).health === "down");
    expect(await find()).toMatchObject({ lastError: "disk full" });
    await monitor.close();
  });

  it("counts series above the limit, and duplicates", async () => {
    const lines = Array.from({ length: 120 }, (_, i) => `a{i="${i}"} 1\n`).join("");
    const { monitor, metrics } = open(() => Promise.resolve(`${lines}a{i="0"} 2\n`), {
      maxSeries: 100,
    });
    let aboveCap = 0;
    let duplicates = 0;
    await until(async () => {
      const exposition = await metrics.render();
      const read = (reason: string): number =>
        Number(
          new RegExp(`_dropped_total\\{reason="${reason}"\\} (\\d+)`).exec(exposition)?.[1] ?? 0,
        );
      [aboveCap, duplicates] = [read("series_limit"), read("duplicate")];
      return duplicates > 1;
    });
    // Five of the hundred series are the metrics of the scrape.
    expect(aboveCap / duplicates).toBe(25);
    await monitor.close();
  });
});

describe("history on disk", () => {
  it("survives a restart", async () => {
    await using folder = await createFolder();
    const options = { persist: true, dataDir: `${folder.path}/history` };
    const count = "count_over_time(up[1h])";
    let before = 0;
    {
      await using server = await start(options);
      await until(async () => (before = (await valueOf(server, `sum(${count})`)) ?? 0) >= 5);
    }
    await using server = await start(options);
    await until(async () => ((await valueOf(server, `count(${count})`)) ?? 0) === 2);
    expect(await valueOf(server, `sum(${count})`)).toBeGreaterThan(before);
  });
});
