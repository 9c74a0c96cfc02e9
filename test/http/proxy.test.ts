import { describe, expect, it } from "vitest";
import { createConsoleFolder } from "../support/console.ts";
import { startPrefixProxy } from "../support/prefix-proxy.ts";
import { startServer, type SendOptions, type TestServer } from "../support/server.ts";

const ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const CLOCK = { nowMs: () => 0, monotonicSeconds: () => 1 };

/** Requests that take the fast path and Fastify's routes. */
const KINDS: readonly (readonly [name: string, path: string, request: SendOptions])[] = [
  [
    "the fast path",
    "/predict",
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ROW),
    },
  ],
  ["the routes", "/models", {}],
];

function send(
  server: TestServer,
  path: string,
  request: SendOptions,
  forwarded: string,
): Promise<{ status: number }> {
  const headers = { ...request.headers, "x-forwarded-for": forwarded };
  return server.send(path, { ...request, headers });
}

describe.each(KINDS)("behind a proxy, %s", (_name, path, request) => {
  it("limits and counts each client of a trusted proxy", async () => {
    const options = { trustProxy: ["127.0.0.0/8", "10.0.0.0/8"], rateLimit: 1 };
    await using server = await startServer(options, { clock: CLOCK });
    const statuses = [];
    for (const forwarded of [
      "203.0.113.1",
      "203.0.113.1, 10.0.0.9",
      "203.0.113.2",
      "1.1.1.1, 203.0.113.2",
    ]) {
      statuses.push((await send(server, path, request, forwarded)).status);
    }
    expect(statuses).toEqual([200, 429, 200, 429]);
    // Also the client of this request.
    expect(await server.metric("api_unique_clients")).toBe(3);
  });

  it("ignores X-Forwarded-For of a client that is no trusted proxy", async () => {
    const options = { trustProxy: ["10.0.0.0/8"], rateLimit: 1 };
    await using server = await startServer(options, { clock: CLOCK });
    expect((await send(server, path, request, "203.0.113.1")).status).toBe(200);
    expect((await send(server, path, request, "203.0.113.2")).status).toBe(429);
    expect(await server.metric("api_unique_clients")).toBe(1);
  });
});

describe("--trust-proxy", () => {
  it.each(["proxy.example", "10.0.0.0/33", "10.0.0.0/8/8", "::1/129"])(
    "rejects %j",
    async (address) => {
      await expect(startServer({ trustProxy: [address] })).rejects.toThrow(/--trust-proxy/);
    },
  );
});

describe("--external-url", () => {
  it("is the base of the links at /", async () => {
    await using server = await startServer({ externalUrl: "https://host.example/team/iris/" });
    const { json } = await server.get("/");
    expect(json.links).toEqual({
      console: "https://host.example/team/iris/console",
      docs: "https://host.example/team/iris/docs",
      models: "https://host.example/team/iris/models",
      metrics: "https://host.example/team/iris/metrics",
      ready: "https://host.example/team/iris/health/ready",
    });
  });

  it.each(["host.example", "ftp://host.example", "https://host.example/?a=1", "https://u:p@h/"])(
    "rejects %s",
    async (externalUrl) => {
      await expect(startServer({ externalUrl })).rejects.toThrow(/--external-url/);
    },
  );
});

describe("behind a proxy that strips a path", () => {
  it("redirects stay below the path", async () => {
    await using folder = await createConsoleFolder();
    await using server = await startServer(
      { monitor: true, persist: false },
      { consoleFolder: folder.path },
    );
    await using proxy = await startPrefixProxy(server.url, "/team/iris");
    for (const path of ["/docs", "/docs/", "/docs?x=1", "/docs/?x=1/?y"]) {
      const docs = await fetch(`${proxy.url}${path}`);
      expect([path, docs.status, docs.url.split("?")[0]]).toEqual([
        path,
        200,
        `${proxy.url}/docs/`,
      ]);
    }
    const graph = await fetch(`${proxy.url}/prometheus/graph?g0.expr=up`, { redirect: "manual" });
    const target = new URL(graph.headers.get("location") ?? "", `${proxy.url}/prometheus/graph`);
    expect(target.href).toBe(`${proxy.url}/console/#/explore?view=table&q=up`);
  });

  it("the links at / are found with --external-url", async () => {
    await using folder = await createConsoleFolder();
    await using server = await startServer({}, { consoleFolder: folder.path });
    await using proxy = await startPrefixProxy(server.url, "/team/iris");
    await using named = await startServer({ externalUrl: proxy.url });
    const { json } = await named.get("/");
    for (const link of Object.values<string>(json.links)) {
      expect([link, (await fetch(link)).status]).toEqual([link, 200]);
    }
  });
});
