import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCRIPT, startLoadPage, type TestPage } from "../support/load-page.ts";
import { sendRaw } from "../support/raw-http.ts";

const resources = new AsyncDisposableStack();
const KEY = "a-key-of-twenty-two-characters";
const NOBODY = "http://127.0.0.1:9";
let open: TestPage;
let locked: TestPage;
beforeAll(async () => {
  open = resources.use(await startLoadPage({ script: SCRIPT, host: NOBODY, allowGetStop: true }));
  const options = { script: SCRIPT, host: NOBODY, key: KEY, hostNames: null };
  locked = resources.use(await startLoadPage(options));
});
afterAll(() => resources.disposeAsync());

const JSON_TYPE = { "content-type": "application/json" };

describe("a page on this machine", () => {
  const host = (): string => new URL(open.url).host;

  it.each([
    ["a program", () => ({}), 200],
    ["the page itself", () => ({ origin: open.url, "sec-fetch-site": "same-origin" }), 200],
    ["the page in an old browser", () => ({ origin: open.url }), 200],
    ["the page behind a proxy with TLS", () => ({ origin: `https://${host()}` }), 200],
    ["a user typing the URL", () => ({ "sec-fetch-site": "none" }), 200],
    ["a page of another origin", () => ({ origin: "http://evil.example" }), 403],
    ["a page at another port", () => ({ origin: "http://127.0.0.1:1" }), 403],
    ["a page in a sandbox, or from a file", () => ({ origin: "null" }), 403],
    ["a page of another origin that hides it", () => ({ "sec-fetch-site": "cross-site" }), 403],
    ["a page of the same site", () => ({ "sec-fetch-site": "same-site" }), 403],
  ] as const)("decides about a change by %s", async (_sender, headers, status) => {
    for (const [method, path] of [
      ["POST", "/api/load/stop"],
      ["POST", "/api/load/reset"],
      ["POST", "/stop"],
      ["POST", "/stats/reset"],
      ["GET", "/stop"],
      ["GET", "/stop?x"],
      ["GET", "/%73top"],
      ["GET", "/s%74op?x"],
      ["GET", "/stats/reset"],
      ["GET", "/stats/rese%74"],
    ] as const) {
      const reply = await open.send(path, { method, headers: headers() });
      expect([method, path, reply.status]).toEqual([method, path, status]);
      if (status === 403) expect(reply.json.code).toBe("FOREIGN_REQUEST");
    }
    const removed = await open.send("/api/load/runs/20260101T000000-abcd", {
      method: "DELETE",
      headers: headers(),
    });
    expect(removed.status).toBe(status === 200 ? 404 : status);
    const started = await open.send("/api/load/start", {
      method: "POST",
      headers: { ...headers(), ...JSON_TYPE },
      body: '{"host": 1}',
    });
    expect(started.status).toBe(status === 200 ? 422 : status);
  });

  it.each([
    "/stop",
    "/%73top",
    "/stats/reset",
    "/stats%2freset",
    "http://HOST/stop",
    "http://HOST/%73top",
  ])("never lets a page of another origin change something with %s", async (target) => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const reply = await sendRaw(
        open.url,
        `${method} ${target.replace("HOST", host())} HTTP/1.1\r\nHost: ${host()}\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n`,
      );
      expect([method, reply.split("\r\n")[0]]).toEqual([method, expect.stringMatching(/ 40[34] /)]);
    }
  });

  it("rejects foreign host names (DNS rebinding)", async () => {
    for (const name of ["evil.example", "evil.example:8089", "127.0.0.1.evil.example", "", "@"]) {
      const reply = await open.send("/api/load", { headers: { host: name } });
      expect([name, reply.status]).toEqual([name, name.length > 1 ? 403 : 400]);
      expect(reply.text).not.toContain("Visitor");
    }
    for (const name of ["localhost", "localhost:8089", "127.0.0.1:1", "LOCALHOST"]) {
      expect((await open.send("/api/load", { headers: { host: name } })).status).toBe(200);
    }
  });

  it("never allows pages of other origins to read replies", async () => {
    for (const path of ["/api/load", "/stats/requests", "/metrics"]) {
      const { headers } = await open.send(path, { headers: { origin: "http://evil.example" } });
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    }
    const requested = { origin: "http://evil.example", "access-control-request-method": "POST" };
    const preflight = await open.send("/api/load/start", { method: "OPTIONS", headers: requested });
    // Without this header, browsers send no request.
    expect(preflight.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("rejects other bodies that a foreign form could send", async () => {
    for (const type of ["text/plain", "application/octet-stream"]) {
      const reply = await open.send("/swarm", {
        method: "POST",
        headers: { "content-type": type },
        body: "user_count=1&spawn_rate=1",
      });
      expect(reply.status).toBe(415);
    }
    expect(open.loadTest.report().state).toBe("ready");
  });
});

describe("a page with a key", () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

  it.each([
    ["nothing", undefined, 401],
    ["the key from a script", `Bearer ${KEY}`, 200],
    ["the key from a browser", basic(`anybody:${KEY}`), 200],
    ["the key without a user name", basic(`:${KEY}`), 200],
    ["another key", `Bearer ${KEY}x`, 401],
    ["a part of the key", `Bearer ${KEY.slice(0, -1)}`, 401],
    ["another password", basic("anybody:password"), 401],
    ["the key as the user name", basic(`${KEY}:x`), 401],
    ["nothing after the scheme", "Bearer ", 401],
    ["another scheme", `Digest ${KEY}`, 401],
  ] as const)("replies to a request with %s", async (_what, authorization, status) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const path of [
      "/api/load",
      "/api/load/runs",
      "/stats/requests",
      "/stats/report",
      "/metrics",
    ]) {
      const reply = await locked.send(path, { headers });
      expect([path, reply.status]).toEqual([path, status]);
      if (status === 401) {
        expect(reply.headers["www-authenticate"]).toMatch(/^Basic realm=/);
        expect(reply.json.code).toBe("UNAUTHORIZED");
      }
    }
    const stopped = await locked.send("/stop", { method: "POST", headers });
    expect(stopped.status).toBe(status);
    expect((await locked.send("/", { headers })).status).toBe(status === 200 ? 503 : 401);
  });

  it("needs no key for the liveness check only", async () => {
    for (const path of ["/health", "/health?x", "/%68ealth"]) {
      const reply = await locked.send(path);
      expect([path, reply.status, reply.json]).toEqual([path, 200, { status: "live" }]);
    }
    for (const path of ["/health/../api/load", "/health/", "/health%2f", "/nowhere"]) {
      expect([path, (await locked.send(path)).status]).toEqual([path, 401]);
    }
  });

  it("does not let a page of another origin use the key of the browser", async () => {
    const headers = { authorization: basic(`x:${KEY}`), origin: "http://evil.example" };
    const reply = await locked.send("/api/load/stop", { method: "POST", headers });
    expect(reply.status).toBe(403);
  });
});
