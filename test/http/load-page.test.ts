import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { createFolder } from "../support/folders.ts";
import { startLoadPage, type TestPage } from "../support/load-page.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const API = "/console/load/api/load";
const PAGE_KEY = "a-key-of-twenty-two-characters";
const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
const get = (user) => user.get("/health/live");
export default defineUser({ waitTime: constant(0.05), tasks: [task(1, get)] });
`;

describe("the load page of the console", () => {
  const resources = new AsyncDisposableStack();
  let load: TestPage;
  let server: TestServer;
  let keyFile: string;
  beforeAll(async () => {
    const folder = resources.use(await createFolder());
    keyFile = `${folder.path}/page-key`;
    await writeFile(keyFile, `${PAGE_KEY}\n`);
    const target = resources.use(await startServer());
    load = resources.use(await startLoadPage({ script: SCRIPT, host: target.url, key: PAGE_KEY }));
    server = resources.use(
      await startServer({ loadPage: load.url, loadPageKeyFile: keyFile, corsOrigins: ["*"] }),
    );
  });
  afterAll(() => resources.disposeAsync());

  const post = (path: string, body: object) => server.post(`${API}${path}`, body);

  it("starts, follows and stops a run, and returns its reports", async () => {
    const about = await server.get(API);
    expect([about.status, about.json.report.state]).toEqual([200, "ready"]);
    const started = await post("/start", { profile: { kind: "users", users: 3, spawn_rate: 100 } });
    expect(started.status).toBe(202);
    const id: string = started.json.id;

    const events = httpRequest(`${server.url}${API}/events`).end();
    const [reply]: IncomingMessage[] = await once(events, "response");
    expect(reply?.headers["content-type"]).toMatch(/^text\/event-stream/);
    let text = "";
    reply?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    await until(() => /event: report[^]*event: second/.test(text));
    // The events of an open page are no work of the server.
    expect(await server.metric("api_requests_in_flight")).toBe(0);
    events.destroy();
    await until(
      async () =>
        (await server.metric(
          `api_requests_total{method="GET",route="${API}/events",status="200"}`,
        )) === 1,
    );
    const latency = `api_request_latency_seconds_count{method="GET",route="${API}/events",status="200"}`;
    expect(await server.metric(latency)).toBe(0);

    expect((await post("/start", {})).status).toBe(409);
    expect((await post("/edit", { users: 4 })).json).toEqual({ id });
    expect((await server.send(`${API}/stop`, { method: "POST" })).json).toEqual({ id });
    expect((await server.get(`${API}/runs`)).json.runs[0].id).toBe(id);
    const csv = await server.get(`${API}/runs/${id}/requests.csv?download=1`);
    expect(csv.headers["content-disposition"]).toContain(id);
    expect(csv.text).toContain("Aggregated");
    const html = await server.get(`${API}/runs/${id}/report.html`);
    expect(html.headers["content-security-policy"]).toContain("default-src 'none'");
    const removed = await server.send(`${API}/runs/${id}`, { method: "DELETE" });
    expect([removed.status, (await server.get(`${API}/runs`)).json.runs]).toEqual([204, []]);
  });

  it("starts runs against its own server only, and passes on problems", async () => {
    const aimed = await post("/start", { host: "http://127.0.0.1:9" });
    expect([aimed.status, aimed.json.errors[0].pointer]).toEqual([422, "/host"]);
    const invalid = await post("/start", { profile: { kind: "users", users: -1 } });
    expect([invalid.status, invalid.json.errors[0].pointer]).toEqual([422, "/profile/users"]);
    expect((await server.get(`${API}/runs/..%2f..%2fmetrics`)).status).toBe(404);
    expect((await server.get(`${API}/runs/current/..%2f..`)).status).toBe(404);
    expect(load.loadTest.report().state).not.toBe("running");
  });

  it.each([
    ["a program", {}, 202],
    ["a page of this server", { "sec-fetch-site": "same-origin" }, 202],
    ["a page of another origin", { origin: "http://evil.example" }, 403],
    ["a page of another origin that hides it", { "sec-fetch-site": "cross-site" }, 403],
    ["a page in a sandbox", { origin: "null" }, 403],
    ["a proxy for a client elsewhere", { "x-forwarded-for": "192.0.2.1" }, 403],
    ["a client that uses another name", { host: "192.0.2.1:8000" }, 403],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ])("decides about a start by %s", async (_client, headers, status) => {
    const before = load.loadTest.report().id;
    const reply = await server.send(`${API}/start`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"run_time_seconds": 1}',
    });
    expect(reply.status).toBe(status);
    expect(load.loadTest.report().id === before).toBe(status !== 202);
    if (status === 202) await server.send(`${API}/stop`, { method: "POST" });
  });

  it("requires the role load", async () => {
    const folder = resources.use(await createFolder());
    const apiKeysFile = `${folder.path}/keys.json`;
    const keys = (["predict", "metrics", "load", "admin"] as const).map((role) =>
      createKey(role, role, "2026-01-01T00:00:00.000Z"),
    );
    await writeKeysFile(
      apiKeysFile,
      keys.map(({ stored }) => stored),
    );
    await using locked = await startServer({
      apiKeysFile,
      loadPage: load.url,
      loadPageKeyFile: keyFile,
    });
    const statuses = [(await locked.get(API)).status];
    for (const { text } of keys) {
      const headers = { authorization: `Bearer ${text}`, "x-forwarded-for": "192.0.2.1" };
      statuses.push((await locked.send(API, { headers })).status);
    }
    expect(statuses).toEqual([401, 403, 403, 200, 200]);
  });

  it("explains a load page that is absent, gone or closed to it", async () => {
    await using none = await startServer();
    expect((await none.get(API)).json).toMatchObject({
      status: 404,
      detail: expect.stringContaining("--load-page"),
    });
    await using gone = await startServer({ loadPage: "http://127.0.0.1:9" });
    expect((await gone.get(API)).json).toMatchObject({
      status: 502,
      detail: expect.stringContaining("http://127.0.0.1:9 does not respond"),
    });
    await using closed = await startServer({ loadPage: load.url });
    expect((await closed.get(API)).json).toMatchObject({
      status: 502,
      detail: expect.stringContaining("--load-page-key-file"),
    });
  });
});
