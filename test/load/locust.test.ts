import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOSTILE, SCRIPT, startLoadPage, type TestPage } from "../support/load-page.ts";
import { startServer, type TestServer } from "../support/server.ts";

const resources = new AsyncDisposableStack();
let server: TestServer;
let page: TestPage;
beforeAll(async () => {
  server = resources.use(await startServer());
  page = resources.use(await startLoadPage({ script: SCRIPT, host: "http://127.0.0.1:9" }));
});
afterAll(() => resources.disposeAsync());

const isNumber: unknown = expect.any(Number);
/** A time is null without a success, unlike Locust's 0. */
const isTime: unknown = expect.toSatisfy((value) => value === null || typeof value === "number");

/** The reply of Locust 2.47 for one endpoint. */
const ENTRY = {
  method: expect.any(String),
  name: expect.any(String),
  num_requests: isNumber,
  num_failures: isNumber,
  min_response_time: isTime,
  max_response_time: isTime,
  avg_response_time: isTime,
  median_response_time: isTime,
  current_rps: isNumber,
  current_fail_per_sec: isNumber,
  total_rps: isNumber,
  total_fail_per_sec: isNumber,
  "response_time_percentile_0.95": isTime,
  "response_time_percentile_0.99": isTime,
  avg_content_length: isTime,
};
const STATS = {
  stats: expect.any(Array),
  errors: expect.any(Array),
  current_rps: isNumber,
  current_fail_per_sec: isNumber,
  total_rps: isNumber,
  total_fail_per_sec: isNumber,
  fail_ratio: isNumber,
  current_response_time_percentiles: {
    "response_time_percentile_0.5": isTime,
    "response_time_percentile_0.95": isTime,
  },
  state: expect.any(String),
  user_count: isNumber,
};

describe("a script for Locust", () => {
  it("reads empty statistics before the first run", async () => {
    const { json } = await page.send("/stats/requests");
    expect(json).toEqual({ ...STATS, state: "ready", user_count: 0, errors: [] });
    expect(json.stats).toEqual([{ ...ENTRY, method: "", name: "Aggregated", num_requests: 0 }]);
    expect((await page.send("/stats/requests/csv")).status).toBe(200);
    expect((await page.send("/stats/report")).text).toContain("Load test of http://127.0.0.1:9<");
    expect((await page.send("/worker-count")).json).toEqual({ worker_count: 1 });
    expect((await page.send("/logs")).json).toEqual({ master: [], workers: {} });
  });

  it("gets problems in Locust's format", async () => {
    const fields = { user_count: "2", spawn_rate: "1" };
    for (const wrong of [
      {},
      { user_count: "2" },
      { user_count: "x", spawn_rate: "1" },
      { user_count: "", spawn_rate: "1" },
      { ...fields, run_time: "soon" },
      { ...fields, host: "nowhere" },
      { ...fields, user_classes: "Nobody" },
    ]) {
      const { status, json } = await page.postForm("/swarm", wrong);
      expect([wrong, status, json.success]).toEqual([wrong, 200, false]);
      expect(Object.keys(json).toSorted()).toEqual(["host", "message", "success"]);
    }
    expect(page.loadTest.report().state).toBe("ready");
  });

  it("starts a swarm with a form in parts, as curl -F sends it", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({
      user_count: "1",
      spawn_rate: "1",
      run_time: "0",
    })) {
      form.set(name, value);
    }
    const reply = await fetch(`${page.url}/swarm`, { method: "POST", body: form });
    expect([reply.status, await reply.json()]).toMatchObject([200, { success: true }]);
    expect((await page.postForm("/stop")).status).toBe(200);
    const damaged = await page.send("/swarm", {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: "--y",
    });
    expect(damaged).toMatchObject({ status: 400, json: { code: "MALFORMED_REQUEST" } });
    expect(await page.postForm("/stats/reset")).toMatchObject({ status: 200 });
  });

  it("starts, follows, changes and stops a swarm", async () => {
    const fields = { user_count: "4", spawn_rate: "100", host: server.url, run_time: "1h" };
    expect(await page.postForm("/swarm", fields)).toMatchObject({
      status: 200,
      json: {
        success: true,
        message: "Swarming started",
        host: server.url,
        run_time: 3_600,
        user_classes: ["Stranger", "Visitor"],
      },
    });
    expect(page.loadTest.report().plan.run_time_seconds).toBe(3_600);
    await expect
      .poll(async () => (await page.send("/stats/requests")).json)
      .toMatchObject({ state: "running", user_count: 4 });
    // The same path changes the load of the current run.
    const more = { user_count: "8", spawn_rate: "100" };
    expect((await page.postForm("/swarm", more)).json).toEqual({
      success: true,
      message: "Swarming started",
      host: server.url,
      user_classes: ["Stranger", "Visitor"],
    });
    await expect.poll(() => page.loadTest.report().users).toBe(8);
    await expect.poll(() => page.loadTest.report().exceptions.length).toBeGreaterThan(0);
    await expect.poll(() => page.loadTest.report().endpoints.length).toBe(3);

    expect((await page.send("/stats/reset", { method: "POST" })).text).toBe("ok");
    await expect.poll(() => page.loadTest.report().total.requests).toBeGreaterThan(200);
    await expect.poll(() => page.loadTest.report().exceptions.length).toBeGreaterThan(0);
    expect(await page.postForm("/stop")).toMatchObject({
      status: 200,
      json: { success: true, message: "Test stopped" },
    });
    expect((await page.send("/stats/requests")).json).toMatchObject({ state: "stopped" });
  });

  it("reads statistics that agree with each other and with the report", async () => {
    const { json } = await page.send("/stats/requests");
    expect(json).toEqual(STATS);
    const report = page.loadTest.report();
    expect(json.stats).toHaveLength(4);
    for (const entry of json.stats) expect(entry).toEqual(ENTRY);
    const total = json.stats.at(-1);
    expect(total).toMatchObject({ method: "", name: "Aggregated" });
    for (const field of ["num_requests", "num_failures"]) {
      const parts = json.stats.slice(0, -1).map((entry: Record<string, number>) => entry[field]);
      expect(parts.reduce((sum: number, part: number) => sum + part, 0)).toBe(total[field]);
    }
    expect(total.num_requests).toBe(report.total.requests);
    expect(json.fail_ratio).toBe(total.num_failures / total.num_requests);
    expect(json.errors).toEqual([
      {
        method: "GET",
        name: HOSTILE.markup,
        error: "404",
        occurrences: total.num_failures,
        first_seen: isNumber,
        last_seen: isNumber,
      },
    ]);
    // Locust uses seconds.
    expect(Math.abs(json.errors[0].last_seen - Date.now() / 1_000)).toBeLessThan(600);
  });

  it("reads shares of tasks, exceptions, logs and the number of processes", async () => {
    const { json } = await page.send("/tasks");
    expect(json.per_class).toEqual({
      Visitor: { ratio: 0.75, tasks: { predict: { ratio: 0.75 }, root: { ratio: 0.25 } } },
      Stranger: { ratio: 0.25, tasks: { missing: { ratio: 0.75 }, broken: { ratio: 0.25 } } },
    });
    expect(json.total.Visitor).toEqual({
      ratio: 0.75,
      tasks: { predict: { ratio: 0.5625 }, root: { ratio: 0.1875 } },
    });
    const exceptions = (await page.send("/exceptions")).json;
    const thrown = page.loadTest.report().exceptions;
    expect(exceptions).toEqual({
      exceptions: thrown.map(({ count, traceback }) => ({
        count,
        msg: expect.stringContaining(HOSTILE.markup),
        traceback,
        nodes: "generator 0",
      })),
    });
    expect((await page.send("/worker-count")).json).toEqual({ worker_count: 1 });
  });

  it("downloads the same tables", async () => {
    const read = async (path: string): Promise<Record<string, string>[]> => {
      const { headers, text } = await page.send(path);
      expect(headers["content-disposition"]).toMatch(/^attachment; filename="[\w.-]+\.csv"$/);
      return parse(text, { columns: true });
    };
    const { json } = await page.send("/stats/requests");
    const requests = await read("/stats/requests/csv");
    const names = requests.map((row) => row["Name"]?.replace(/^'/, ""));
    expect(names).toEqual(json.stats.map((entry: Record<string, string>) => entry["name"]));
    expect(names.slice(0, -1)).toEqual(names.slice(0, -1).toSorted());
    expect(requests.map((row) => Number(row["Request Count"]))).toEqual(
      json.stats.map((entry: Record<string, number>) => entry["num_requests"]),
    );
    const failures = await read("/stats/failures/csv");
    expect(failures.map((row) => Number(row["Occurrences"]))).toEqual([json.errors[0].occurrences]);
    expect(await read("/exceptions/csv")).toHaveLength(page.loadTest.report().exceptions.length);
    const history = await read("/stats/requests_full_history/csv");
    const times = history.map((row) => Number(row["Timestamp"]));
    expect(times).toEqual(times.map((_, i) => times[0]! + i));
    const report = await page.send("/stats/report");
    expect(report.headers["content-disposition"]).toBeUndefined();
    expect(report.text).toMatch(/^<!doctype html>/);
    const download = await page.send("/stats/report?download=1");
    expect(download.headers["content-disposition"]).toMatch(/\.html"$/);
  });

  it("starts without users, which a change adds", async () => {
    await using empty = await startLoadPage({ script: SCRIPT, host: server.url, generators: 2 });
    const fields = { user_count: "0", spawn_rate: "100", user_classes: "Visitor" };
    expect((await empty.postForm("/swarm", fields)).json).toEqual({
      success: true,
      message: "Swarming started",
      host: server.url,
      user_classes: ["Visitor"],
    });
    await expect
      .poll(async () => (await empty.send("/stats/requests")).json)
      .toMatchObject({ state: "running", user_count: 0 });
    await empty.postForm("/swarm", { ...fields, user_count: "2" });
    await expect.poll(() => empty.loadTest.report().total.requests).toBeGreaterThan(5);
    await empty.postForm("/swarm", fields);
    await expect.poll(() => empty.loadTest.report().users).toBe(0);
    expect((await empty.send("/worker-count")).json).toEqual({ worker_count: 2 });
    await empty.postForm("/stop");
  });

  it("reads the log of the load test and of each generator", async () => {
    await using talking = await startLoadPage({
      host: server.url,
      generators: 2,
      script: `
import { constant, defineUser, task } from "tepal/load";
export default defineUser({ waitTime: constant(0.1), tasks: [task(1, () => console.log("hello"))] });`,
    });
    await talking.postForm("/swarm", { user_count: "2", spawn_rate: "100" });
    const line = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] generator [01]\/INFO: hello$/;
    const logs = async () => (await talking.send("/logs")).json;
    await expect.poll(logs).toEqual({
      master: [],
      workers: {
        "generator 0": expect.arrayContaining([expect.stringMatching(line)]),
        "generator 1": expect.arrayContaining([expect.stringMatching(line)]),
      },
    });
    await talking.postForm("/stop");
  });

  it.each([
    ["/swarm", "POST, OPTIONS"],
    ["/stop", "POST, OPTIONS"],
    ["/stats/requests", "GET, HEAD, OPTIONS"],
    ["/stats/report", "GET, HEAD, OPTIONS"],
    ["/exceptions/csv", "GET, HEAD, OPTIONS"],
    ["/logs", "GET, HEAD, OPTIONS"],
    ["/api/load/start", "POST, OPTIONS"],
    ["/api/load/runs/x", "GET, HEAD, DELETE, OPTIONS"],
    ["/", "GET, HEAD, OPTIONS"],
  ])("gets the methods of %s", async (path, allow) => {
    const options = await page.send(path, { method: "OPTIONS" });
    expect(options).toMatchObject({ status: 200, headers: { allow }, text: "" });
    for (const method of ["GET", "POST", "PUT", "DELETE"]) {
      if (allow.includes(method)) continue;
      const { status, headers } = await page.send(path, { method });
      expect([method, status]).toEqual([method, 405]);
      expect(headers["allow"]).toBe(allow);
    }
    expect((await page.send("/nowhere", { method: "POST" })).status).toBe(404);
  });

  it("changes nothing with GET unless a flag allows it", async () => {
    for (const path of ["/stop", "/stats/reset"]) {
      const refused = await page.send(path);
      expect(refused).toMatchObject({ status: 405, headers: { allow: "POST, OPTIONS" } });
      expect(refused.text).toContain("--allow-get-stop");
    }
    const options = { script: SCRIPT, host: server.url, allowGetStop: true };
    await using old = await startLoadPage(options);
    await old.postForm("/swarm", { user_count: "2", spawn_rate: "100" });
    await expect.poll(() => old.loadTest.report().users).toBe(2);
    expect((await old.send("/stats/reset")).text).toBe("ok");
    expect((await old.send("/stop")).json).toEqual({ success: true, message: "Test stopped" });
    expect(old.loadTest.report().state).toBe("stopped");
  });
});
