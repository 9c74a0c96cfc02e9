import { gunzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { request } from "undici";
import { createFolder } from "../support/folders.ts";
import { IRIS, toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";
import { watchThreads } from "./threads.ts";

vi.setConfig({ testTimeout: 60_000 });

const API = "/prometheus/api/v1";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
/** Takes a minute whatever the history holds, and is ended by the time-out if nothing else. */
const HEAVY = `count_over_time(${"stddev_over_time(".repeat(8)}vector(time())${"[3h:1s])".repeat(8)}[1h:1s])`;

const start = (options: object = {}): Promise<TestServer> =>
  startServer({ monitor: true, persist: false, scrapeInterval: 0.5, ...options });

const query = (promql: string): string => `${API}/query?query=${encodeURIComponent(promql)}`;

/** The value of the only series of an instant query; undefined while there is none. */
async function valueOf(server: TestServer, promql: string): Promise<number | undefined> {
  const { json } = await server.get(query(promql));
  const value = json.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

describe("the monitor built in", () => {
  it("answers PromQL about the server itself, with the labels of a scrape", async () => {
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

  it("takes forms by POST, and puts them before the address", async () => {
    await using server = await start();
    const options = { method: "POST", headers: FORM, body: "query=1%2B1&time=5" };
    const { status, json } = await server.send(`${API}/query?query=7&time=6`, options);
    expect([status, json.data]).toEqual([200, { resultType: "scalar", result: [5, "2"] }]);
  });

  it("packs what is large, for who takes it packed", async () => {
    await using server = await start();
    const path = `${server.url}${API}/query_range?query=vector(time())&start=0&end=5000&step=1`;
    const ask = (encoding: string) =>
      request(path, { headers: { "accept-encoding": encoding } }).then(
        async ({ headers, body }) => [headers, Buffer.from(await body.arrayBuffer())] as const,
      );
    const [, plain] = await ask("identity");
    expect(JSON.parse(plain.toString()).data.result[0].values).toHaveLength(5_001);
    const [headers, packed] = await ask("br, gzip;q=0.5");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(packed).equals(plain)).toBe(true);
    for (const refusing of ["br", "gzip;q=0", "gzip;q=0.0, br"]) {
      expect((await ask(refusing))[0]["content-encoding"]).toBeUndefined();
    }
  });

  it("says what is wrong as Prometheus does, and has nothing at other addresses", async () => {
    await using server = await start();
    const { status, json } = await server.get(query("sum("));
    expect([status, json.status, json.errorType]).toEqual([400, "error", "bad_data"]);
    const nothing = await server.get(`${API}/nothing`);
    expect([nothing.status, nothing.json.errorType]).toEqual([404, "not_found"]);
    expect((await server.get("/prometheus/graph")).status).toBe(404);
    expect((await server.send(query("1"), { method: "DELETE" })).status).toBe(405);
    await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
    expect((await server.get("/prometheus/-/healthy")).status).toBe(200);
  });

  it("counts its requests as those of one route, whatever is asked", async () => {
    await using server = await start();
    await server.get(`${API}/label/job/values`);
    await server.get(`${API}/labels`);
    const labels = 'method="GET",route="/prometheus/*",status="200"';
    expect(await server.metric(`api_requests_total{${labels}}`)).toBe(2);
  });

  it("is not there unless it is asked for", async () => {
    await using server = await startServer();
    expect((await server.get(query("1"))).status).toBe(404);
    expect(await server.metric("tepal_monitor_series")).toBe(0);
    expect((await server.get("/metrics")).text).not.toMatch(/^tepal_monitor/m);
  });
});

describe("a query that takes long", () => {
  it("keeps no prediction waiting", async () => {
    await using server = await start({ queryTimeout: 3 });
    await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
    let isOver = false;
    const heavy = server.get(query(HEAVY)).then((reply) => {
      isOver = true;
      return reply;
    });
    const row = toIrisObject(IRIS[0]!.row);
    for (let i = 0; i < 50; i++) expect((await server.post("/predict", row)).status).toBe(200);
    expect(isOver).toBe(false);
    const { status, json } = await heavy;
    expect([status, json.errorType]).toEqual([503, "timeout"]);
    expect((await server.get(query("1"))).status).toBe(200);
  });

  it("has others wait for their turn, not longer than they want to, and not too many", async () => {
    await using server = await start({ queryTimeout: 2, queryQueue: 3 });
    await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
    const heavy = server.get(query(HEAVY));
    const impatient = server.get(`${query("1")}&timeout=0.1`);
    const patient = server.get(`${API}/labels`);
    const fourth = await server.get(query("1"));
    expect([fourth.status, fourth.json.errorType]).toEqual([503, "unavailable"]);
    expect((await impatient).json.error).toBe("query timed out in query queue");
    expect((await patient).status).toBe(200);
    expect((await heavy).status).toBe(503);
  });

  it("does not hold up the end of the server", async () => {
    const server = await start({ queryTimeout: 3_600 });
    await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
    const heavy = server.get(query(HEAVY)).then(
      ({ status }) => status,
      () => "cut off",
    );
    await server[Symbol.asyncDispose]();
    expect(await heavy).not.toBe(200);
  });
});

describe("the monitor's thread", () => {
  it("is started again when it dies, and who asks meanwhile is told", async () => {
    using watch = watchThreads();
    await using server = await start();
    await until(async () => (await valueOf(server, "up")) === 1);
    expect(watch.threads).toHaveLength(1);
    const asked = server.get(query(HEAVY));
    await watch.threads[0]?.terminate();
    expect([(await asked).status, (await asked).json.errorType]).toEqual([503, "unavailable"]);
    const row = toIrisObject(IRIS[0]!.row);
    expect((await server.post("/predict", row)).status).toBe(200);
    await until(async () => (await server.get(query("1"))).status === 200);
    expect(await server.metric("tepal_monitor_restarts_total")).toBe(1);
    expect(watch.threads).toHaveLength(2);
  });
});

describe("history on disk", () => {
  it("is there again after a restart", async () => {
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
