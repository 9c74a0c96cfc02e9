import { writeFile } from "node:fs/promises";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris } from "../support/models.ts";
import { startWorkers, until } from "../support/workers.ts";

const SHOP = `
import type { Extension } from "tepal";

const extension: Extension = ({ app, metrics }) => {
  const orders = metrics.counter({
    name: "shop_orders_total",
    help: "Orders placed.",
    labels: ["country"],
  });
  const value = metrics.histogram({
    name: "shop_order_value_euros",
    help: "Value of an order.",
    buckets: [10, 100],
  });
  app.post<{ Body: { country: string; euros: number } }>("/shop/orders", ({ body }) => {
    orders.with({ country: body.country }).inc();
    value.observe(body.euros);
    return { worker: process.pid };
  });
};
export default extension;
`;

async function order(url: string): Promise<number> {
  const { statusCode, body } = await request(`${url}/shop/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ country: "de", euros: 50 }),
    // A connection of its own, and so a worker of its own.
    reset: true,
  });
  expect(statusCode).toBe(200);
  const reply: unknown = await body.json();
  return Number(Object(reply)["worker"]);
}

describe("tepal serve --extension", () => {
  it("adds routes to every worker, and adds up their metrics, also of a worker that is killed", async () => {
    await using workers = await startWorkers(2, ["--extension", "shop.ts"], (folder) =>
      writeFile(`${folder}/shop.ts`, SHOP),
    );
    const pids = new Set<number>();
    for (let i = 0; i < 40; i++) pids.add(await order(workers.url));
    expect(pids).toEqual(new Set(await workers.pids()));
    const before = await workers.scrape();
    expect(before.get('shop_orders_total{country="de"}')).toBe(40);
    expect(before.get('shop_order_value_euros_bucket{le="100"}')).toBe(40);
    expect(before.get("shop_order_value_euros_sum")).toBe(2_000);

    const [pid = 0] = await workers.pids();
    await workers.idle();
    process.kill(pid, "SIGKILL");
    await until(async () => {
      const running = await workers.pids();
      return !running.includes(pid) && (await workers.scrape()).get("tepal_workers") === 2;
    });
    for (let i = 0; i < 10; i++) await order(workers.url);
    const after = await workers.scrape();
    expect(after.get('shop_orders_total{country="de"}')).toBe(50);
    expect(after.get("shop_order_value_euros_count")).toBe(50);
  });

  it.each([
    ["a missing file", undefined, "Cannot load shop.mjs: "],
    ["no default export", "export const a = 1;", "a function as the default export of shop.mjs"],
    ["a function that throws", 'export default () => { throw new Error("no"); };', "failed: no"],
  ])("rejects %s with exit code 2, with and without workers", async (_what, text, message) => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    if (text !== undefined) await writeFile(`${folder.path}/shop.mjs`, text);
    for (const workers of ["1", "2"]) {
      const words = ["serve", "--port", "0", "--extension", "shop.mjs", "--workers", workers];
      const { code, stderr } = await runCli(words, folder.path);
      expect(stderr).toContain("Invalid option --extension: ");
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
  });
});
