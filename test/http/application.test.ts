import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import type { Config } from "../../src/config/config.ts";
import { createFolder } from "../support/folders.ts";
import { startServer } from "../support/server.ts";

const OWN_ROUTE = 'api_requests_total{method="GET",route="/shop/orders/:id",status="200"}';

describe("metrics of the application", () => {
  it("are part of GET /metrics", async () => {
    await using server = await startServer();
    const orders = server.server.metrics.counter({
      name: "shop_orders_total",
      help: "Orders placed.",
      labels: ["country"],
    });
    orders.with({ country: "de" }).inc(3);
    expect(await server.metric('shop_orders_total{country="de"}')).toBe(3);
  });

  it("are recorded by the built-in monitor", async () => {
    await using server = await startServer({ monitor: true, persist: false });
    server.server.metrics.gauge({ name: "shop_queue_orders", help: "Orders that wait." }).set(7);
    await expect
      .poll(async () => {
        const path = "/prometheus/api/v1/query?query=shop_queue_orders";
        const { json } = await server.get(path);
        return json.data?.result?.[0]?.value[1];
      })
      .toBe("7");
  });

  it("cannot take the name of a metric of Tepal's", async () => {
    await using server = await startServer();
    expect(() =>
      server.server.metrics.counter({ name: "api_requests_total", help: "Requests." }),
    ).toThrow('Invalid metric "api_requests_total"');
  });
});

describe("routes of the application", () => {
  /** A server with routes of its own, on a free port. */
  async function startShop(options: Partial<Config> = {}) {
    return startServer(options, {
      extend({ app }) {
        app.get<{ Params: { id: string } }>(
          "/shop/orders/:id",
          { schema: { summary: "One order" } },
          ({ params }) => {
            if (params.id === "0") throw new TepalError("NOT_FOUND", "There is no order 0.");
            if (params.id === "broken") throw new Error("secret");
            return { id: params.id };
          },
        );
        app.post(
          "/shop/orders",
          {
            schema: {
              body: { type: "object", required: ["country"], properties: { country: {} } },
            },
          },
          () => ({ id: "1" }),
        );
        app.get("/shop/hours", { config: { access: "public" } }, () => ({ open: "9:00" }));
      },
    });
  }

  it("have request ids, request metrics and problem details, and are in the OpenAPI document", async () => {
    await using shop = await startShop();
    const reply = await shop.get("/shop/orders/17");
    expect([reply.status, reply.json]).toEqual([200, { id: "17" }]);
    expect(reply.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(await shop.metric(OWN_ROUTE)).toBe(1);
    const { json: missing } = await shop.get("/shop/orders/0");
    expect(missing).toMatchObject({ code: "NOT_FOUND", detail: "There is no order 0." });
    const broken = await shop.get("/shop/orders/broken");
    expect(broken.json).toMatchObject({ code: "INTERNAL", status: 500 });
    expect(broken.text).not.toContain("secret");
    expect((await shop.post("/shop/orders", { country: "de" })).json).toEqual({ id: "1" });
    expect((await shop.post("/shop/orders", {})).json).toMatchObject({
      code: "MALFORMED_REQUEST",
      detail: "body must have required property 'country'",
    });
    const { json: openapi } = await shop.get("/openapi.json");
    expect(openapi.paths["/shop/orders/{id}"].get.summary).toBe("One order");
  });

  it("reject other methods with 405 and Allow", async () => {
    await using shop = await startShop();
    const reply = await shop.send("/shop/hours", { method: "DELETE" });
    expect([reply.status, reply.headers["allow"]]).toEqual([405, "GET, HEAD"]);
  });

  it("require an API key with their role, unless they are public", async () => {
    await using folder = await createFolder();
    const apiKeysFile = join(folder.path, "keys.json");
    const key = createKey("shop", "predict", "2026-01-01");
    const scraper = createKey("prometheus", "metrics", "2026-01-01");
    await writeKeysFile(apiKeysFile, [key.stored, scraper.stored]);
    await using shop = await startShop({ apiKeysFile });
    const getWith = async (text: string): Promise<number> => {
      const headers = { authorization: `Bearer ${text}` };
      return (await shop.send("/shop/orders/1", { headers })).status;
    };
    expect((await shop.get("/shop/orders/1")).status).toBe(401);
    expect([await getWith(key.text), await getWith(scraper.text)]).toEqual([200, 403]);
    expect((await shop.get("/shop/hours")).status).toBe(200);
  });

  it("count towards the rate limit, and are rejected under overload", async () => {
    const clock = { nowMs: () => 0, monotonicSeconds: () => 1 };
    await using limited = await startServer(
      { rateLimit: 1 },
      { clock, extend: ({ app }) => void app.get("/shop/hours", () => ({})) },
    );
    const statuses = [await limited.get("/shop/hours"), await limited.get("/shop/hours")];
    expect(statuses.map(({ status }) => status)).toEqual([200, 429]);
    let now = 0;
    await using busy = await startServer(
      { maxEventLoopLag: 0.5 },
      {
        clock: { nowMs: () => 0, monotonicSeconds: () => now },
        extend: ({ app }) => void app.post("/shop/orders", () => ({})),
      },
    );
    // The lag counts from the end of the start, which is a timer of the server.
    await expect
      .poll(async () => {
        now += 2;
        return (await busy.post("/shop/orders", {})).json;
      })
      .toMatchObject({ code: "OVERLOADED" });
  });

  it("cannot replace a route of Tepal's, nor be added after listen", async () => {
    await using server = await startServer();
    expect(() => server.server.app.get("/shop/hours", () => ({}))).toThrow("already listening");
    await expect(
      startServer({}, { extend: ({ app }) => void app.get("/models", () => ({})) }),
    ).rejects.toThrow("already declared");
  });
});
