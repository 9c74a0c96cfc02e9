import { access, writeFile } from "node:fs/promises";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { createKey, writeKeysFile, type Role } from "../../src/http/access/api-keys.ts";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, toIrisObject } from "../support/models.ts";
import { startServer } from "../support/server.ts";
import { startWorkers, until } from "../support/workers.ts";

const URL_PATTERN = /(http:\/\/127\.0\.0\.1:\d+)\/predict/;
const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);

async function queryValue(url: string, promql: string): Promise<number | undefined> {
  const path = `/prometheus/api/v1/query?query=${encodeURIComponent(promql)}`;
  const { statusCode, body } = await request(`${url}${path}`);
  if (statusCode !== 200) {
    await body.dump();
    return undefined;
  }
  const reply = (await body.json()) as {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  };
  const value = reply.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

async function predict(url: string): Promise<void> {
  const { statusCode, body } = await request(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(row),
    // A new connection each time: the primary distributes connections over the workers.
    reset: true,
  });
  await body.dump();
  expect(statusCode).toBe(200);
}

describe("the monitor of several workers", () => {
  it("runs once, has the metrics of all workers, and replies through each", async () => {
    const words = ["--monitor", "--no-persist", "--scrape-interval", "1"];
    await using workers = await startWorkers(2, words);
    const { url } = workers;
    // After a scrape that failed, on a busy machine, new counters begin with the value of the next one.
    await until(async () => (await queryValue(url, "up")) === 1);
    for (let i = 0; i < 10; i++) await predict(url);
    const total = 'sum(api_requests_total{route="/predict"})';
    for (let i = 0; i < 4; i++) await until(async () => (await queryValue(url, total)) === 10);
    // The first requests count, although no scrape saw the counters at 0.
    const increase = await queryValue(
      url,
      'sum(increase(api_requests_total{route="/predict"}[1m]))',
    );
    expect(increase).toBeGreaterThanOrEqual(10);
    expect(await queryValue(url, "tepal_workers")).toBe(2);
    expect(await queryValue(url, "count(up)")).toBe(1);
    const ready = await request(`${url}/prometheus/-/ready`);
    expect([ready.statusCode, await ready.body.text()]).toEqual([200, "The monitor is ready.\n"]);
    workers.running.process.kill("SIGTERM");
    expect((await workers.running.ended).code).toBe(0);
  });
});

describe("tepal serve", () => {
  it("warns if options need a monitor and there is none", async () => {
    await using folder = await createFolder();
    const words = ["serve", "--port", "0", "--alertmanager-url", "http://127.0.0.1:9"];
    await using alone = startCli(words, folder.path);
    await waitForOutput(alone, /(there is NO monitor)/);
    await using quiet = startCli(["serve", "--port", "0"], folder.path);
    await waitForOutput(quiet, /(listening on)/);
    expect(quiet.output()).not.toContain("monitor");
  });
});

describe("tepal up", () => {
  it("runs the monitor, keeps its history, and stops it with the server", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const words = ["up", "--no-load", "--port", "0", "--scrape-interval", "0.5"];
    for (const before of [0, 3]) {
      await using running = startCli(words, folder.path);
      const url = await waitForOutput(running, URL_PATTERN);
      await until(async () => (await queryValue(url, 'up{job="tepal"}')) === 1);
      const count = 'sum(count_over_time(up{job="tepal"}[1h]))';
      await until(async () => ((await queryValue(url, count)) ?? 0) > before + 2);
      running.process.kill("SIGTERM");
      expect((await running.ended).code).toBe(0);
    }
    await access(`${folder.path}/.tepal/history`);
  });

  it("has no monitor if a flag, a variable or a file disables it", async () => {
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const words = ["up", "--no-load", "--port", "0"];
    const has = async (more: readonly string[], variables = {}): Promise<boolean> => {
      await using running = startCli([...words, ...more], folder.path, variables);
      const url = await waitForOutput(running, URL_PATTERN);
      const { statusCode, body } = await request(`${url}/prometheus/-/healthy`);
      await body.dump();
      return statusCode === 200;
    };
    expect(await has(["--no-monitor"])).toBe(false);
    expect(await has([], { TEPAL_MONITOR: "false" })).toBe(false);
    expect(await has(["--monitor", "--no-persist"], { TEPAL_MONITOR: "false" })).toBe(true);
    await writeFile(`${folder.path}/tepal.config.json`, '{"monitor": false}');
    expect(await has([])).toBe(false);
    await expect(access(`${folder.path}/.tepal`)).rejects.toThrow("ENOENT");
  });
});

describe("with API keys, the monitor", () => {
  it("accepts keys with the roles metrics and admin, and no others", async () => {
    await using folder = await createFolder();
    const file = `${folder.path}/keys.json`;
    const made = (["predict", "metrics", "admin"] as const).map((role: Role) =>
      createKey(role, role, "2026-01-01T00:00:00.000Z"),
    );
    await writeKeysFile(
      file,
      made.map(({ stored }) => stored),
    );
    await using server = await startServer({ monitor: true, persist: false, apiKeysFile: file });
    const paths = ["/prometheus/api/v1/query?query=1", "/prometheus/-/healthy"];
    for (const path of paths) {
      const statuses = await Promise.all(
        made.map(async ({ text }) => {
          const headers = { authorization: `Bearer ${text}` };
          return (await server.send(path, { headers })).status;
        }),
      );
      expect(statuses).toEqual([403, 200, 200]);
      expect((await server.get(path)).status).toBe(401);
    }
  });
});
