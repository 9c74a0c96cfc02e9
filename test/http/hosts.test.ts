import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { startServer, type SendOptions, type TestServer } from "../support/server.ts";

const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const post = (body: unknown): SendOptions => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const ROUTES: readonly (readonly [path: string, request: SendOptions])[] = [
  ["/", {}],
  ["/health/live", {}],
  ["/health/ready", {}],
  ["/metrics", {}],
  ["/models", {}],
  ["/models/iris", {}],
  ["/openapi.json", {}],
  ["/docs", {}],
  ["/own", {}],
  ["/prometheus/api/v1/query?query=up", {}],
  ["/predict", post(ROW)],
  ["/predict/batch", post({ instances: [ROW] })],
  ["/models/iris/predict", post(ROW)],
];

describe("a server on loopback", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(
      { monitor: true, persist: false, allowedHosts: ["API.example"] },
      {
        extend: ({ app }) => {
          app.get("/own", () => ({}));
        },
      },
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const send = (path: string, request: SendOptions, host: string) =>
    server.send(path, { ...request, headers: { ...request.headers, host } });

  it.each(ROUTES)("rejects a foreign host name on %s", async (path, request) => {
    for (const host of ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"]) {
      const { status, text } = await send(path, request, host);
      expect([host, status]).toEqual([host, 403]);
      expect(text).toContain("--allowed-hosts");
    }
  });

  it.each(ROUTES)(
    "accepts its own names, in any case and with any port, on %s",
    async (path, request) => {
      for (const host of ["localhost", "LOCALHOST:1", "10.0.0.1:8000", "[::1]", "api.example:80"]) {
        const { status } = await send(path, request, host);
        expect([host, status < 400]).toEqual([host, true]);
      }
    },
  );

  it("rejects it also on paths and methods that it does not have", async () => {
    expect((await send("/nothing", {}, "evil.example")).status).toBe(403);
    expect((await send("/predict", { method: "DELETE" }, "evil.example")).status).toBe(403);
  });
});

describe("--allowed-hosts", () => {
  it("of * accepts every name", async () => {
    await using server = await startServer({ allowedHosts: ["*"] });
    const { status } = await server.send("/models", { headers: { host: "any.example" } });
    expect(status).toBe(200);
  });

  it("includes the name of --external-url", async () => {
    await using server = await startServer({ externalUrl: "https://tepal.example:8443/iris" });
    const { status } = await server.send("/models", { headers: { host: "tepal.example" } });
    expect(status).toBe(200);
  });

  it.each(["http://a.example", "a.example:80", "*.example", "a b"])("rejects %j", async (name) => {
    await expect(startServer({ allowedHosts: [name] })).rejects.toThrow(/--allowed-hosts/);
  });
});
