import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { toIrisObject } from "../support/models.ts";
import { startServer, type Reply, type TestServer } from "../support/server.ts";

const SHOP = "https://shop.example";
const BODY = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));

function sendPreflight(server: TestServer, path: string, origin: string): Promise<Reply> {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  };
  return server.send(path, { method: "OPTIONS", headers });
}

/** The CORS headers of a reply, and `vary`. */
function toOriginHeaders({ headers }: Reply): Record<string, unknown> {
  const names = Object.keys(headers).filter((name) => /^access-control-|^vary$/.test(name));
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

describe("pages of other origins", () => {
  it("get no CORS headers by default: OPTIONS is rejected like other methods", async () => {
    await using server = await startServer();
    const preflight = await sendPreflight(server, "/predict", SHOP);
    expect(preflight.status).toBe(405);
    expect(toOriginHeaders(preflight)).toEqual({});
    const reply = await server.send("/models", { headers: { origin: SHOP } });
    expect(toOriginHeaders(reply)).toEqual({});
  });

  describe("in --cors-origins", () => {
    let folder: TemporaryFolder;
    let server: TestServer;
    const key = createKey("shop", "predict", "2026-01-01");
    const scraper = createKey("prometheus", "metrics", "2026-01-01");
    const json = { origin: SHOP, "content-type": "application/json" };
    const withKey = { ...json, authorization: `Bearer ${key.text}` };

    beforeAll(async () => {
      folder = await createFolder();
      const apiKeysFile = join(folder.path, "keys.json");
      await writeKeysFile(apiKeysFile, [key.stored, scraper.stored]);
      const corsOrigins = ["http://127.0.0.1:3000", SHOP];
      server = await startServer({ corsOrigins, apiKeysFile, maxInFlight: 2 });
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    });

    it("may send a preflight request without a key", async () => {
      const { status, headers, text } = await sendPreflight(server, "/predict", SHOP);
      expect(status).toBe(204);
      expect(text).toBe("");
      expect(headers).toMatchObject({
        "access-control-allow-origin": SHOP,
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "Content-Type, Authorization, X-API-Key, X-Request-Id",
        "access-control-max-age": "600",
        vary: "Origin",
        "x-content-type-options": "nosniff",
        "x-request-id": expect.stringMatching(/^[0-9a-f]{32}$/),
      });
      expect(headers).not.toHaveProperty("access-control-allow-credentials");
    });

    it("may read replies and errors", async () => {
      const replies = [
        [200, await server.send("/predict", { method: "POST", headers: withKey, body: BODY })],
        [422, await server.send("/predict", { method: "POST", headers: withKey, body: "{}" })],
        [401, await server.send("/predict", { method: "POST", headers: json, body: BODY })],
        [404, await server.send("/nothing", { headers: json })],
        [405, await server.send("/predict", { headers: json })],
      ] as const;
      for (const [status, reply] of replies) {
        expect(reply.status).toBe(status);
        expect(toOriginHeaders(reply)).toEqual({
          "access-control-allow-origin": SHOP,
          "access-control-expose-headers": "X-Request-Id, Retry-After",
          vary: "Origin",
        });
      }
    });

    it.each(["https://evil.example", "http://shop.example", `${SHOP}:444`, `${SHOP}.evil`, "null"])(
      "exclude %s, which gets no CORS headers",
      async (origin) => {
        const preflight = await sendPreflight(server, "/predict", origin);
        expect(preflight.status).toBe(405);
        expect(toOriginHeaders(preflight)).toEqual({ vary: "Origin" });
        const headers = { ...withKey, origin };
        const reply = await server.send("/predict", { method: "POST", headers, body: BODY });
        expect(reply.status).toBe(200);
        expect(toOriginHeaders(reply)).toEqual({ vary: "Origin" });
      },
    );

    it("get 405 and 404 for an OPTIONS request that is not a preflight", async () => {
      const predict = await server.send("/predict", { method: "OPTIONS", headers: json });
      expect(predict.status).toBe(405);
      expect(predict.headers["allow"]).toBe("POST");
      expect(predict.headers["access-control-allow-origin"]).toBe(SHOP);
      const nothing = await server.send("/nothing", { method: "OPTIONS" });
      expect(nothing.json).toMatchObject({ status: 404, code: "NOT_FOUND" });
    });

    it("have request metrics by route, or under unmatched", async () => {
      await sendPreflight(server, "/models", SHOP);
      await sendPreflight(server, "/nowhere", SHOP);
      const headers = { authorization: `Bearer ${scraper.text}` };
      const { text } = await server.send("/metrics", { headers });
      const label = (route: string): string => `{method="OPTIONS",route="${route}",status="204"} 1`;
      expect(text).toContain(`api_requests_total${label("/models")}`);
      expect(text).toContain(`api_requests_total${label("unmatched")}`);
      expect(text).not.toContain('route="*"');
    });
  });

  it("send preflight requests outside the rate limit, and may read a 429", async () => {
    // One window of the limit, however long the requests take.
    const clock = { nowMs: () => 0, monotonicSeconds: () => 1 };
    await using server = await startServer({ corsOrigins: [SHOP], rateLimit: 2 }, { clock });
    for (let i = 0; i < 5; i++) {
      expect((await sendPreflight(server, "/models", SHOP)).status).toBe(204);
    }
    const list = (): Promise<Reply> => server.send("/models", { headers: { origin: SHOP } });
    expect((await list()).status).toBe(200);
    const replies = await Promise.all(Array.from({ length: 10 }, list));
    const rejected = replies.filter(({ status }) => status === 429);
    expect(rejected).toHaveLength(9);
    expect(rejected[0]?.headers).toMatchObject({
      "access-control-allow-origin": SHOP,
      "access-control-expose-headers": "X-Request-Id, Retry-After",
      "retry-after": expect.any(String),
    });
  });

  it("may all send requests with *, but never with credentials", async () => {
    await using server = await startServer({ corsOrigins: ["*"] });
    const preflight = await sendPreflight(server, "/predict", "https://any.example");
    expect(preflight.headers["access-control-allow-origin"]).toBe("*");
    expect(preflight.headers).not.toHaveProperty("access-control-allow-credentials");
    const reply = await server.send("/models", { headers: { origin: "null" } });
    expect(reply.headers["access-control-allow-origin"]).toBe("*");
    expect(toOriginHeaders(await server.get("/models"))).toEqual({ vary: "Origin" });
  });

  it.each([
    ["shop.example", "Write https://shop.example."],
    ["https://shop.example/", "Write https://shop.example."],
    ["https://shop.example/buy", "Write https://shop.example."],
    ["HTTPS://Shop.example:443", "Write https://shop.example."],
    ["https://*.example", "Expected an origin without wildcards"],
    ["null", 'Expected an origin, for example https://shop.example, got "null".'],
    ["file:///tmp/a.html", "Expected an origin, for example https://shop.example"],
    ["ftp://shop.example", "Expected an origin, for example https://shop.example"],
    ["two words", "Expected an origin, for example https://shop.example"],
  ])("cannot be %s", async (origin, advice) => {
    await expect(startServer({ corsOrigins: [SHOP, origin] })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(advice),
    });
  });
});
