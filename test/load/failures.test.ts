import { describe, expect, it } from "vitest";
import { findEndpoint, startDeaf, startHttp, startLoad, startTcp } from "../support/load.ts";

const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.02),
  tasks: [task(1, async ({ get }) => { await get("/", { name: "it" }); })],
});
`;
const TWO_USERS = { profile: { kind: "users", users: 2, spawn_rate: 100 } } as const;

/** Counts the failures of a short run, by kind. */
async function countFailures(
  host: string,
  timeoutSeconds: number,
): Promise<Record<string, number>> {
  await using load = await startLoad(SCRIPT, { timeoutSeconds });
  const report = await load.run({
    host,
    run_time_seconds: 1,
    stop_timeout_seconds: 1,
    ...TWO_USERS,
  });
  expect(report.state).toBe("stopped");
  expect(report.total.failures).toBe(report.total.requests);
  expect(report.total.service_time.count).toBe(0);
  expect(load.logs).toEqual([]);
  return Object.fromEntries(report.failures.map(({ kind, count }) => [kind, count]));
}

describe("a broken server", () => {
  const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
  const cases = {
    "closes at once": [(socket) => socket.destroy(), "connection closed"],
    "closes after a request": [
      (socket) => socket.once("data", () => socket.end()),
      "connection closed",
    ],
    "resets the connection": [
      (socket) => socket.once("data", () => socket.resetAndDestroy()),
      "connection closed",
    ],
    "closes within a reply": [
      (socket) => socket.once("data", () => socket.end(`${HEAD}half`)),
      "reply cut short",
    ],
    "closes between chunks": [
      (socket) =>
        socket.once("data", () =>
          socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ),
      "reply cut short",
    ],
    "stalls within a reply": [
      (socket) => socket.once("data", () => socket.write(`${HEAD}half`)),
      "timeout",
    ],
    "never replies": [() => {}, "timeout"],
    "sends one byte at a time, too slowly": [
      (socket) =>
        socket.once("data", () => {
          socket.write(HEAD);
          const timer = setInterval(() => socket.write("x"), 50);
          socket.once("close", () => clearInterval(timer));
        }),
      "timeout",
    ],
    "sends garbage": [
      (socket) => socket.once("data", () => socket.write("\u0000\u0001 hello\r\n\r\n")),
      "not HTTP",
    ],
  } as const satisfies Record<string, readonly [Parameters<typeof startTcp>[0], string]>;

  for (const [what, [onConnection, kind]] of Object.entries(cases)) {
    it.concurrent(`that ${what} counts as: ${kind}`, async () => {
      await using server = await startTcp(onConnection);
      const failures = await countFailures(server.url, kind === "timeout" ? 0.3 : 20);
      expect(Object.keys(failures)).toEqual([kind]);
      expect(failures[kind]).toBeGreaterThanOrEqual(2);
    });
  }

  it.concurrent("that is not running counts as: connection refused", async () => {
    let url: string;
    {
      await using server = await startTcp(() => {});
      ({ url } = server);
    }
    expect(Object.keys(await countFailures(url, 20))).toEqual(["connection refused"]);
  });

  it.concurrent("with an unknown name counts as: unknown host", async () => {
    // Too long for a DNS name, so that no query is sent.
    const host = `http://${"x".repeat(64)}.invalid`;
    expect(Object.keys(await countFailures(host, 20))).toEqual(["unknown host"]);
  });

  it.concurrent("that does not accept connections counts as: timeout", async () => {
    await using server = await startDeaf();
    expect(Object.keys(await countFailures(server.url, 0.3))).toEqual(["timeout"]);
  });
});

describe("statuses", () => {
  it("≥ 400 are failures by number unless expected; redirects are not followed", async () => {
    await using server = await startHttp(({ url }, response) => {
      const status = Number(url?.slice(1));
      response.writeHead(status, { location: "/500" }).end("x");
    });
    await using load = await startLoad(`
import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.01),
  tasks: [task(1, async ({ get }) => {
    for (const status of [200, 302, 404, 503]) await get("/" + status);
    await get("/404", { name: "expected", expect: [200, 404] });
    await get("/200", { name: "unexpected", expect: [404] });
  })],
});`);
    const report = await load.run({ host: server.url, run_time_seconds: 1, ...TWO_USERS });
    expect(
      report.endpoints.map(({ name, failures, requests }) => [
        name,
        failures === requests,
        failures,
      ]),
    ).toEqual([
      ["/200", false, 0],
      ["/302", false, 0],
      ["/404", true, expect.any(Number)],
      ["/503", true, expect.any(Number)],
      ["expected", false, 0],
      ["unexpected", true, expect.any(Number)],
    ]);
    expect(report.failures.map(({ name, kind }) => [name, kind])).toEqual([
      ["/404", "404"],
      ["/503", "503"],
      ["unexpected", "200"],
    ]);
  });

  it("that arrive at once do not make the other replies look faster", async () => {
    let received = 0;
    await using server = await startHttp((_request, response) => {
      received += 1;
      const isFailing = received % 5 === 0;
      setTimeout(() => response.writeHead(isFailing ? 503 : 200).end(), isFailing ? 0 : 40);
    });
    await using load = await startLoad(SCRIPT);
    const report = await load.run({
      host: server.url,
      run_time_seconds: 3,
      profile: { kind: "constant_rate", rate: 100, poisson: false, max_users: 100 },
    });
    const {
      requests,
      failures,
      service_time: time,
      failure_time: quick,
    } = findEndpoint(report, "it");
    expect(failures / requests).toBeCloseTo(0.2, 1);
    expect(time.count).toBe(requests - failures);
    expect(time.min_ms).toBeGreaterThan(35);
    expect(time.p50_ms).toBeGreaterThan(35);
    expect(time.p95_ms).toBeGreaterThanOrEqual(time.p50_ms!);
    expect(quick.count).toBe(failures);
    expect(quick.p50_ms).toBeLessThan(35);
  });
});

describe("checks", () => {
  it("make replies failures by name, also if they throw", async () => {
    await using server = await startHttp((_request, response) => response.end("no json"));
    await using load = await startLoad(`
import { check, constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.02),
  tasks: [task(1, async ({ get }) => {
    check(await get("/a"), { "is short": (reply) => reply.text().length < 3 });
    const reply = await get("/b");
    check(reply, { "has a class": () => reply.json().class });
    if (!check(await get("/c"), { "is text": (it) => it.text() === "no json" })) throw new Error("no");
  })],
});`);
    const report = await load.run({ host: server.url, run_time_seconds: 1, ...TWO_USERS });
    expect(report.failures.map(({ name, kind }) => [name, kind])).toEqual([
      ["/a", "check: is short"],
      ["/b", "check: has a class"],
    ]);
    const { requests, failures } = findEndpoint(report, "/c");
    expect([requests > 0, failures]).toEqual([true, 0]);
    expect(report.exceptions).toEqual([]);
  });
});
