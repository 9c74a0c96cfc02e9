import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { openPrometheus } from "../../src/http/prometheus-proxy.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { startPrometheusWith, takeAddress } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const API = "/prometheus/api/v1";
/** The password "secret", hashed with bcrypt at its lowest cost. */
const HASH = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const BASIC = `Authorization: Basic ${Buffer.from("tepal:secret").toString("base64")}`;

/** Starts a server that is not Prometheus. */
async function startOther(listener: RequestListener) {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

describe.runIf(hasProgram("prometheus"))("--prometheus-url with a real Prometheus", () => {
  const resources = new AsyncDisposableStack();
  let folder: TemporaryFolder;
  /** The URL of a Prometheus with a password. */
  let url: string;
  let headersFile: string;
  let server: TestServer;

  beforeAll(async () => {
    folder = resources.use(await createFolder());
    headersFile = `${folder.path}/headers`;
    await writeFile(headersFile, BASIC);
    await writeFile(
      `${folder.path}/web.yml`,
      JSON.stringify({ basic_auth_users: { tepal: HASH } }),
    );
    const target = resources.use(await startServer());
    const job = {
      job_name: "tepal",
      scrape_interval: "1s",
      static_configs: [{ targets: [new URL(target.url).host] }],
    };
    await writeFile(`${folder.path}/prometheus.yml`, JSON.stringify({ scrape_configs: [job] }));
    const address = await takeAddress();
    url = `http://${address}`;
    // Its readiness requires the password too.
    const prometheus = await startPrometheusWith(
      [
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
        `--web.config.file=${folder.path}/web.yml`,
      ],
      "prometheus",
      { authorization: BASIC.slice("Authorization: ".length) },
    );
    url = prometheus.url;
    resources.use(prometheus);
    server = resources.use(
      await startServer({ prometheusUrl: url, prometheusHeadersFile: headersFile }),
    );
    await until(async () => {
      const { json } = await server.get(`${API}/query?query=up`);
      return json.data?.result?.[0]?.value[1] === "1";
    });
  });
  afterAll(() => resources.disposeAsync());

  const direct = async (path: string) => {
    const reply = await request(`${url}/api/v1/${path}`, {
      headers: { authorization: BASIC.slice("Authorization: ".length) },
    });
    return { status: reply.statusCode, json: (await reply.body.json()) as unknown };
  };

  it.each([
    "query?query=up&time=1",
    "query?query=rate(up[",
    "query?query=vector(1)&time=1700000000.5",
    "query_range?query=vector(1)&start=0&end=60&step=15",
    "label/job/values",
    "label/a%22b/values",
    "labels?match[]=up",
    "metadata?metric=api_requests_total",
    "status/buildinfo",
    "format_query?query=sum(up)by(job)",
  ])("replies to %s as Prometheus itself", async (path) => {
    const { status, json } = await server.get(`${API}/${path}`);
    expect({ status, json }).toEqual(await direct(path));
  });

  it("serves Prometheus's history without the built-in monitor, and in its place", async () => {
    await using both = await startServer({
      monitor: true,
      persist: false,
      prometheusUrl: url,
      prometheusHeadersFile: headersFile,
    });
    for (const one of [server, both]) {
      const { json } = await one.get(`${API}/status/buildinfo`);
      expect(json.data.goVersion).toMatch(/^go/);
      expect((await one.get("/console/source")).json).toEqual({ kind: "prometheus", url });
      expect((await one.get("/prometheus/")).text).toContain(`<h1>Prometheus HTTP API of ${url}`);
      const ready = await one.get("/prometheus/-/ready");
      expect([ready.status, ready.text]).toEqual([200, "Prometheus is ready.\n"]);
    }
    const federated = await server.get("/prometheus/federate?match[]=up");
    expect(federated.text).toMatch(/^up\{.*\} 1 /m);
  });

  it("forwards forms, also long ones, and compressed replies", async () => {
    const long = `query=${"1%2B".repeat(3_000)}1&time=1`;
    const reply = await server.send(`${API}/query`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: long,
    });
    expect(reply.json.data.result[1]).toBe("3001");
    const compressed = await request(`${server.url}${API}/label/__name__/values`, {
      headers: { "accept-encoding": "gzip" },
    });
    expect(compressed.headers["content-encoding"]).toBe("gzip");
    const text = gunzipSync(await compressed.body.arrayBuffer()).toString();
    expect(JSON.parse(text).data).toContain("up");
  });

  it("forwards nothing that writes, and no path beyond the API", async () => {
    for (const path of [
      "/prometheus/api/v1/admin/tsdb/snapshot",
      "/prometheus/api/v1/write",
      "/prometheus/-/quit",
      "/prometheus/api/v1/label/..%2F..%2Fx/values/../../-/quit",
      "/prometheus/api/v1/unknown",
      "/prometheus/metrics",
    ]) {
      for (const method of ["GET", "POST"]) {
        const { status, json } = await server.send(path, { method });
        expect([path, status, json.errorType]).toEqual([path, 404, "not_found"]);
      }
    }
    expect((await server.send(`${API}/query`, { method: "DELETE" })).status).toBe(405);
    // What 2.42 does not have yet.
    const { status, json } = await server.get(`${API}/parse_query?query=up`);
    expect([status, json.error]).toEqual([
      404,
      `The Prometheus at ${url} has no /api/v1/parse_query: its version may be too old.`,
    ]);
  });

  it("requires Tepal's own keys, and never sends them to Prometheus", async () => {
    const file = `${folder.path}/keys.json`;
    const [metrics, predict] = (["metrics", "predict"] as const).map((role) =>
      createKey(role, role, "2026-01-01T00:00:00.000Z"),
    );
    await writeKeysFile(file, [metrics!.stored, predict!.stored]);
    const received: (string | undefined)[] = [];
    await using other = await startOther((incoming, reply) => {
      received.push(incoming.headers.authorization, incoming.headers["x-api-key"] as string);
      reply.setHeader("content-type", "application/json").end('{"status":"success","data":[]}');
    });
    await using locked = await startServer({ prometheusUrl: other.url, apiKeysFile: file });
    const get = async (headers: Record<string, string>): Promise<number> =>
      (await locked.send(`${API}/labels`, { headers })).status;
    expect(await get({})).toBe(401);
    expect(await get({ "x-api-key": predict!.text })).toBe(403);
    expect(received).toEqual([]);
    expect(await get({ "x-api-key": metrics!.text })).toBe(200);
    expect(await get({ authorization: `Bearer ${metrics!.text}` })).toBe(200);
    expect(received).toEqual([undefined, undefined, undefined, undefined]);
    expect((await locked.get("/console/source")).status).toBe(401);
  });

  it("states that Prometheus rejects the credentials, with status 502", async () => {
    await using bare = await startServer({ prometheusUrl: url });
    const missing = await bare.get(`${API}/query?query=up`);
    expect([missing.status, missing.json]).toEqual([
      502,
      {
        status: "error",
        errorType: "unavailable",
        error: `The Prometheus at ${url} replied that Tepal is unauthorized (status 401). Write credentials into a file for --prometheus-headers-file, for example Authorization: Bearer TOKEN.`,
      },
    ]);
    const file = `${folder.path}/changing`;
    await writeFile(file, "Authorization: Bearer wrong");
    await using wrong = await startServer({ prometheusUrl: url, prometheusHeadersFile: file });
    const { status, json } = await wrong.get(`${API}/query?query=up`);
    expect([status, json.error]).toEqual([
      502,
      expect.stringContaining("Check the credentials in the file of --prometheus-headers-file."),
    ]);
    // It is read for each request, and its problems never show a secret.
    await writeFile(file, BASIC);
    expect((await wrong.get(`${API}/query?query=up`)).status).toBe(200);
    await writeFile(file, "s3cret");
    const broken = await wrong.get(`${API}/query?query=up`);
    expect([broken.status, broken.json.error]).toEqual([
      502,
      expect.stringContaining("Expected a header"),
    ]);
    expect(broken.text).not.toContain("s3cret");
    await expect(
      startServer({ prometheusUrl: url, prometheusHeadersFile: file }),
    ).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("--prometheus-url with a server that does not reply as Prometheus", () => {
  async function get(url: string, limits = { timeoutSeconds: 60, maxBytes: 1_000 }) {
    const proxy = await openPrometheus({ prometheusUrl: url, prometheusHeadersFile: null }, limits);
    try {
      const call = { path: "query", parameters: "query=up", gzip: true };
      const { status, body } = await proxy!.request(call);
      return { code: status, error: JSON.parse(Buffer.from(body).toString()).error as string };
    } finally {
      await proxy!.close();
    }
  }

  it("states that it is unreachable, with status 502", async () => {
    const url = `http://${await takeAddress()}`;
    await using server = await startServer({ prometheusUrl: url });
    const { status, json } = await server.get(`${API}/query?query=up`);
    expect([status, json]).toEqual([
      502,
      {
        status: "error",
        errorType: "unavailable",
        error: expect.stringMatching(
          /^The Prometheus at .* is unreachable: connect ECONNREFUSED .*\. Check that it runs, and --prometheus-url\.$/,
        ),
      },
    ]);
    expect((await server.get("/prometheus/-/ready")).status).toBe(503);
    // Predictions do not depend on it.
    expect((await server.get("/health/ready")).status).toBe(200);
  });

  it.each([
    ["a page", 200, "text/html", "got status 200 and text/html. Check --prometheus-url."],
    ["a redirect", 302, "text/html", "got status 302 and text/html. Check --prometheus-url."],
    ["a gateway", 502, "text/plain", "got status 502 and text/plain. Check --prometheus-url."],
    ["a large reply", 200, "application/json", "exceeds 0 MiB"],
  ] as const)("rejects %s", async (_, status, type, error) => {
    await using other = await startOther((_incoming, reply) => {
      reply.writeHead(status, { "content-type": type, location: "/elsewhere" });
      reply.end(type === "application/json" ? JSON.stringify("a".repeat(2_000)) : "<p>Hello");
    });
    const reply = await get(other.url);
    expect([reply.code, reply.error]).toEqual([502, expect.stringContaining(error)]);
  });

  it("sends nothing but what it may read", async () => {
    const received: string[] = [];
    await using other = await startOther(({ url = "" }, reply) => {
      received.push(url);
      reply.writeHead(200, { "content-type": "application/json" }).end('{"status":"success"}');
    });
    await using server = await startServer({ prometheusUrl: other.url });
    for (const path of ["read", "write", "otlp/v1/metrics", "admin/tsdb/delete_series", "new"]) {
      await server.send(`${API}/${path}`, { method: "POST" });
      expect((await server.get(`${API}/${path}`)).status).toBe(404);
    }
    expect((await server.get(`${API}/labels`)).status).toBe(200);
    expect(received).toEqual(["/api/v1/labels"]);
  });

  it("replies 504 after the time limit", async () => {
    await using other = await startOther(() => {});
    expect(await get(other.url, { timeoutSeconds: 0.05, maxBytes: 1_000 })).toEqual({
      code: 504,
      error: `The Prometheus at ${other.url} did not reply within 0.05 s. Select fewer series or a shorter range.`,
    });
  });

  it("ends the query of a client that no longer waits", async () => {
    const received = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<string>();
    await using other = await startOther((incoming, reply) => {
      received.resolve();
      reply.once("close", () => ended.resolve(incoming.url ?? ""));
    });
    await using server = await startServer({ prometheusUrl: other.url });
    const client = new AbortController();
    const sent = request(`${server.url}${API}/query?query=up`, { signal: client.signal });
    await received.promise;
    client.abort();
    await expect(sent).rejects.toMatchObject({ name: "AbortError" });
    expect(await ended.promise).toBe("/api/v1/query?query=up");
  });
});
