import { describe, expect, it } from "vitest";
import type { RunPlan } from "../../src/load/contract/plan.ts";
import type { RunReport } from "../../src/load/contract/report.ts";
import { findEndpoint, startHttp, startLoad } from "../support/load.ts";
import { startServer } from "../support/server.ts";

const users = (count: number, spawnRate = 100): Pick<RunPlan, "profile"> => ({
  profile: { kind: "users", users: count, spawn_rate: spawnRate },
});
const script = (body: string, waitSeconds = 0.02): string => `
import { constant, defineLoadTest, defineUser, task } from "tepal/load";
export default defineUser({ waitTime: constant(${waitSeconds}), ${body} });`;
const GET = 'tasks: [task(1, async ({ get }) => { await get("/x"); })]';

describe("the server and the generator", () => {
  it("agree on all requests by endpoint, with failures, timeouts and a stop in between", async () => {
    await using server = await startServer({ maxBatchRows: 10_000 });
    await using load = await startLoad(
      script(`tasks: [
        task(3, async ({ post, random }) => {
          const row = { sepal_length: 5, sepal_width: 3, petal_length: 1 + random.uniform(), petal_width: 1 };
          await post("/predict", { json: row });
          await post("/predict", { json: random.uniform() < 0.3 ? {} : row });
        }),
        task(2, async ({ get }) => { await get("/health/ready"); await get("/models?x=" + 1); }),
        task(1, async ({ post }) => {
          const instances = Array.from({ length: 5_000 }, (_, i) => ({ sepal_length: 5, sepal_width: 3, petal_length: 4, petal_width: i / 5_000 }));
          await post("/predict/batch", { json: { instances }, timeoutSeconds: 0.03 });
        }),
      ]`),
      { generators: 2 },
    );
    await load.start({ host: server.url, ...users(12), stop_timeout_seconds: 0 });
    await load.until(
      ({ total, failures }) =>
        total.requests > 300 && failures.some(({ kind }) => kind === "timeout"),
    );
    const report = await load.loadTest.stop();
    expect(report.failures.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["422", "timeout"]),
    );
    // The server ends abandoned requests when it notices the closed connections.
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(0);

    for (const [name, method, route] of [
      ["/predict", "POST", "/predict"],
      ["/health/ready", "GET", "/health/ready"],
      ["/models", "GET", "/models"],
      ["/predict/batch", "POST", "/predict/batch"],
    ] as const) {
      const counted = await countRequests(server, method, route);
      const { requests, abandoned } = findEndpoint(report, name);
      const all = [...counted.values()].reduce((a, b) => a + b, 0);
      expect([name, requests + abandoned]).toEqual([name, all]);
      if (name === "/predict") {
        const failed = report.failures.find(
          (failure) => failure.name === name && failure.kind === "422",
        );
        // The server may have rejected some of the abandoned requests.
        const unseen = (counted.get("422") ?? 0) - (failed?.count ?? 0);
        expect(unseen).toBeGreaterThanOrEqual(0);
        expect(unseen).toBeLessThanOrEqual(abandoned);
      }
    }
  });
});

/** Returns the server's counts by status. */
async function countRequests(
  server: { get(path: string): Promise<{ text: string }> },
  method: string,
  route: string,
): Promise<Map<string, number>> {
  const { text } = await server.get("/metrics");
  const pattern = /^api_requests_total\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\d+)$/gm;
  const found = [...text.matchAll(pattern)].filter(([, m, r]) => m === method && r === route);
  return new Map(found.map(([, , , status = "", count]) => [status, Number(count)]));
}

describe("a run", () => {
  it("goes through its states, counts requests, and adds up the users of several generators", async () => {
    await using server = await startHttp((_request, response) => response.end("hello"));
    // Long waits: with fewer than 500 steps, late ones do not make the run invalid.
    await using load = await startLoad(script(GET, 0.4), { generators: 3 });
    const states = new Set<string>();
    load.loadTest.subscribe(() => states.add(load.loadTest.report().state));
    expect(load.loadTest.report()).toMatchObject({ id: "", state: "ready", verdict: null });
    await load.start({
      host: server.url,
      ...users(10, 20),
      thresholds: ["x:p(99)<10000", "rps>1"],
    });
    await expect(load.start({ host: server.url })).rejects.toThrow("Another run is in progress");
    const running = await load.until(({ state, users: now }) => state === "running" && now === 10);
    expect(running.users_by_class).toEqual({ User: 10 });
    await load.loadTest.edit({ users: 4 });
    const fewer = await load.until(({ users: now }) => now === 4);
    expect(fewer.plan.profile).toEqual({ kind: "users", users: 4, spawn_rate: 20 });
    await expect(load.loadTest.edit({ rate: 5 })).rejects.toThrow("/rate");
    const before = load.loadTest.report().total.requests;
    load.loadTest.reset();
    expect(load.loadTest.report().total.requests).toBe(0);
    await load.until(({ total }) => total.requests > 0);
    const report = await load.loadTest.stop();
    expect(await load.loadTest.stop()).toEqual(report);
    expect(before).toBeGreaterThan(0);
    expect(report).toMatchObject({
      state: "stopped",
      users: 0,
      verdict: { outcome: "passed", exit_code: 0 },
      thresholds: [{ passed: true }, { passed: true }],
      generator: { processes: 3, invalid: null },
    });
    expect(report.id).toMatch(/^\d{8}T\d{6}-[0-9a-f]{4}$/);
    expect(report.marks.map(({ kind }) => kind)).toEqual(["start", "edit", "reset", "stop"]);
    expect(report.total.received_bytes).toBe(5 * report.total.requests);
    expect(report.notes[0]).toContain("coordinated omission");
    expect([...states]).toEqual(["spawning", "running", "stopping", "stopped"]);
    const metrics = await load.loadTest.renderMetrics();
    const counted = /load_requests_total\{endpoint="\/x",status="200"\} (\d+)/.exec(metrics)?.[1];
    expect(Number(counted)).toBeGreaterThanOrEqual(before + report.total.requests);
    await expect(load.loadTest.edit({ users: 4 })).rejects.toThrow("No run is in progress");
  });

  it("sends the same requests for the same seed with any number of generators", async () => {
    const rows: string[][] = [];
    for (const generators of [1, 3]) {
      const received: string[] = [];
      await using server = await startHttp(({ url }, response) => {
        received.push(url ?? "");
        response.end();
      });
      await using load = await startLoad(
        script(`tasks: [task(1, async ({ get, id, random, sleep }) => {
          await get("/" + id + "/" + random.uint32());
          await sleep(1_000);
        })]`),
        { generators },
      );
      await load.start({ host: server.url, ...users(9), seed: 7 });
      await load.until(({ users: now }) => now === 9);
      await load.loadTest.stop();
      rows.push(received.toSorted());
    }
    expect(rows[0]).toHaveLength(9);
    expect(rows[1]).toEqual(rows[0]);
  });

  it("of an open model keeps its rate, and measures from the due time", async () => {
    await using server = await startHttp((_request, response) => {
      setTimeout(() => response.end(), 30);
    });
    await using load = await startLoad(script(GET), { generators: 2 });
    await load.start({
      host: server.url,
      profile: { kind: "constant_rate", rate: 50, poisson: false, max_users: 40 },
    });
    await load.until(({ total }) => total.requests >= 98);
    const report = await load.loadTest.stop();
    expect(report.total.requests).toBeLessThanOrEqual(50 * report.elapsed_seconds + 2);
    const { response_time: response, service_time: service } = findEndpoint(report, "/x");
    expect(response?.count).toBe(service.count);
    expect(response?.mean_ms).toBeGreaterThan(service.mean_ms!);
    expect(report.notes).toEqual([]);
    expect(Math.max(...report.series.map((point) => point.users))).toBeGreaterThan(0);
    await load.start({
      host: server.url,
      profile: { kind: "constant_rate", rate: 200, poisson: true, max_users: 2 },
    });
    const few = await load.until(({ generator }) => generator.dropped > 20);
    expect(few.total.requests).toBeGreaterThan(0);
    await load.loadTest.stop();
  });

  it("follows the stages of a profile and the shape of a script, and ends after them", async () => {
    await using server = await startHttp((_request, response) => response.end());
    await using load = await startLoad(`
import { constant, defineLoadTest, defineUser, task } from "tepal/load";
export default defineLoadTest({
  users: defineUser({ waitTime: constant(0.05), tasks: [task(1, async ({ get }) => { await get("/"); })] }),
  shape: (elapsed) => elapsed < 1.5 ? { users: 3, spawnRate: 100 } : elapsed < 3.5 ? { users: 5, spawnRate: 100 } : null,
  thresholds: ["failures<0.5"],
});`);
    const stages = (report: RunReport): string[] =>
      report.marks.filter(({ kind }) => kind === "stage").map(({ text }) => text);
    expect(load.loadTest.script).toMatchObject({ has_shape: true, thresholds: ["failures<0.5"] });
    const custom = await load.run({ host: server.url, profile: { kind: "custom" } });
    expect(stages(custom)).toEqual(["3 users", "5 users"]);
    expect(Math.max(...custom.series.map((point) => point.users))).toBe(5);
    const shaped = await load.run({
      host: server.url,
      profile: { kind: "recovery", users: 10, spawn_rate: 100, stage_seconds: 2 },
    });
    expect(stages(shaped)).toEqual([
      "baseline: 2 users",
      "overload: 10 users",
      "recovery: 2 users",
    ]);
    expect(shaped.recovery?.baseline_p95_ms).toBeGreaterThan(0);
  });
});

describe("an invalid shape", () => {
  it("ends the run and is reported", async () => {
    await using load = await startLoad(`
import { constant, defineLoadTest, defineUser, task } from "tepal/load";
export default defineLoadTest({
  users: defineUser({ waitTime: constant(1), tasks: [task(1, () => {})] }),
  shape: (elapsed) => ({ users: 1, spawnRate: elapsed < 0.5 ? 1 : "fast" }),
});`);
    const report = await load.run({ profile: { kind: "custom" } });
    expect(report.generator.invalid?.message).toMatch(
      /shape failed: .*Expected a number > 0, got "fast"/,
    );
    expect(report.verdict?.exit_code).toBe(3);
  });
});

describe("a stop", () => {
  it("waits for requests in flight, and counts them", async () => {
    let received = 0;
    await using server = await startHttp((_request, response) => {
      received += 1;
      setTimeout(() => response.end(), 600);
    });
    await using load = await startLoad(script(GET));
    await load.start({ host: server.url, ...users(4) });
    await load.until(({ users: now }) => now === 4);
    const report = await load.loadTest.stop();
    expect([report.total.requests, report.total.failures, report.total.abandoned]).toEqual([
      received,
      0,
      0,
    ]);
  });

  it("counts requests that take too long as abandoned and nowhere else", async () => {
    let received = 0;
    await using server = await startHttp(() => {
      received += 1;
    });
    await using load = await startLoad(script(GET));
    await load.start({ host: server.url, ...users(4), stop_timeout_seconds: 0.2 });
    await load.until(({ users: now }) => now === 4);
    const report = await load.loadTest.stop();
    expect(received).toBe(4);
    expect([report.total.requests, report.total.abandoned]).toEqual([0, 4]);
    expect(report.verdict?.outcome).toBe("failed_requests");
  });

  it("kills a generator whose script blocks, and reports the loss", async () => {
    await using server = await startHttp((_request, response) => response.end());
    await using load = await startLoad(
      script('tasks: [task(1, async ({ get }) => { await get("/x"); for (;;) {} })]'),
    );
    await load.start({ host: server.url, ...users(1), stop_timeout_seconds: 0.1 });
    await load.until(({ elapsed_seconds: elapsed }) => elapsed > 1);
    const report = await load.loadTest.stop();
    expect(report.verdict?.exit_code).toBe(3);
    expect(report.generator.invalid?.message).toMatch(/Generator 0 did not stop and was killed/);
  });

  it("ends tasks that wait or send requests, and runs onStop", async () => {
    const received: string[] = [];
    await using server = await startHttp(({ url }, response) => {
      received.push(url ?? "");
      response.end();
    });
    await using load = await startLoad(
      script(`
        tasks: [task(1, async ({ get, sleep }) => {
          await sleep(1_000);
          try { await get("/after-sleep"); } finally { console.log("cleaned up"); }
        })],
        onStop: async ({ get }) => { await get("/bye"); }`),
    );
    await load.start({ host: server.url, ...users(2) });
    await load.until(({ users: now }) => now === 2);
    const report = await load.loadTest.stop();
    expect(received).toEqual(["/bye", "/bye"]);
    expect(report.endpoints.map(({ name, requests }) => [name, requests])).toEqual([["/bye", 2]]);
    expect(report.exceptions).toEqual([]);
    expect(load.logs).toEqual(["cleaned up", "cleaned up"]);
  });
});

describe("a generator that ends", () => {
  it("is reported; the others continue, and the results are invalid", async () => {
    await using server = await startHttp((_request, response) => response.end());
    await using load = await startLoad(
      script(
        'tasks: [task(1, async ({ get, id }) => { await get("/x"); if (id === 1) process.exit(9); })]',
      ),
      { generators: 2 },
    );
    await load.start({ host: server.url, ...users(4) });
    // The other generator keeps its two users and continues.
    const { total } = await load.until(
      ({ generator, users: now }) => generator.invalid !== null && now === 2,
    );
    await load.until((later) => later.total.requests > total.requests && later.users === 2);
    const report = await load.loadTest.stop();
    expect(report.verdict).toEqual({ outcome: "incomplete", exit_code: 3 });
    expect(report.generator.invalid?.message).toMatch(/^Generator 1 ended with code 9/);
    expect(report.total.requests).toBeGreaterThan(2);
  });

  it("ends the run if it is the last one", async () => {
    await using load = await startLoad(script("tasks: [task(1, () => process.exit(1))]"));
    const report = await load.run(users(1));
    expect(report.state).toBe("stopped");
    expect(report.generator.invalid?.message).toMatch(/^Generator 0 ended with code 1/);
  });
});
