import { describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 1, 12);

/** Creates a clock whose wall time a test can move; its durations are real. */
function createJumpingClock() {
  const clock = {
    offset: 0,
    nowMs: () => NOON + performance.now() + clock.offset,
    monotonicSeconds: () => performance.now() / 1_000,
  };
  return clock;
}

/** Reads the sum and the count of the latency of all requests so far. */
async function readLatency(server: TestServer): Promise<{ sum: number; count: number }> {
  const { text } = await server.get("/metrics");
  const add = (name: string): number =>
    [...text.matchAll(new RegExp(`^api_request_latency_seconds_${name}\\{.*\\} (.*)$`, "gm"))]
      .map(([, value]) => Number(value))
      .reduce((sum, value) => sum + value, 0);
  return { sum: add("sum"), count: add("count") };
}

describe.each([
  ["forward by a day", 24 * HOUR],
  ["back by a day", -24 * HOUR],
  ["back to before 1970", -100 * 365 * 24 * HOUR],
])("a wall clock that jumps %s", (_what, jump) => {
  it("must cause neither 503s nor impossible latencies", async () => {
    const clock = createJumpingClock();
    await using server = await startServer({ maxEventLoopLag: 10 }, { clock });
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    const before = await readLatency(server);
    clock.offset = jump;
    for (let i = 0; i < 5; i++) expect((await server.post("/predict", SETOSA)).status).toBe(200);
    clock.offset = 0;
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    const after = await readLatency(server);
    expect(after.count - before.count).toBe(7);
    expect(after.sum - before.sum).toBeGreaterThan(0);
    expect(after.sum - before.sum).toBeLessThan(10);
    expect(await server.metric('api_overload_total{reason="event_loop"}')).toBe(0);
  });

  it("must not stop the count of clients, and clients of another time must expire", async () => {
    const clock = createJumpingClock();
    await using server = await startServer({}, { clock });
    expect(await server.metric("api_unique_clients")).toBe(1);
    clock.offset = jump;
    expect(await server.metric("api_unique_clients")).toBe(1);
    clock.offset = 0;
    expect(await server.metric("api_unique_clients")).toBe(1);
  });

  it("must not change the window of the rate limit", async () => {
    const clock = createJumpingClock();
    let now = 100;
    clock.monotonicSeconds = () => now;
    await using server = await startServer({ rateLimit: 2, maxEventLoopLag: 3_600 }, { clock });
    const list = async (): Promise<number> => (await server.get("/models")).status;
    expect([await list(), await list(), await list()]).toEqual([200, 200, 429]);
    clock.offset = jump;
    expect(await list()).toBe(429);
    now += 1;
    expect([await list(), await list(), await list()]).toEqual([200, 200, 429]);
  });
});
