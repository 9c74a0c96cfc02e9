import { describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { startServer } from "../support/server.ts";
import { startWorkers, until } from "../support/workers.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

interface Option {
  readonly name: string;
}

describe("GET /admin/status", () => {
  it("describes a server of one process", async () => {
    await using server = await startServer({
      monitor: true,
      persist: false,
      alertWebhook: ["http://127.0.0.1:1/s3cret"],
    });
    for (let i = 0; i < 3; i++) await server.post("/predict", SETOSA);
    const { status, json, text } = await server.get("/admin/status");
    expect(status).toBe(200);
    expect(json.processes).toEqual([
      {
        role: "server",
        number: null,
        pid: process.pid,
        serves: true,
        started_at: expect.stringMatching(/^2\S+Z$/),
        memory_bytes: expect.any(Number),
        rows: 3,
        restarts: 0,
      },
    ]);
    expect(json.node).toBe(process.versions.node);
    const find = (name: string) => json.options.find((option: Option) => option.name === name);
    expect(find("persist")).toEqual({
      name: "persist",
      value: "false",
      default: "true",
      source: "--persist",
    });
    expect(find("workers")).toMatchObject({ value: "1", source: "default" });
    expect(find("alert-webhook").value).toBe("http://127.0.0.1:1/…");
    expect(text).not.toContain("s3cret");
    const listMonitor = () => server.get("/admin/status/monitor");
    await until(async () => (await listMonitor()).json.history?.series > 0);
    const monitor = await listMonitor();
    expect(monitor.json).toMatchObject({
      history: { max_series: 10_000, retention_seconds: 86_400, disk: null },
      remote_write: null,
      alerting: { failures: 0 },
      receivers: [{ kind: "webhook", origin: "http://127.0.0.1:1" }],
    });
    expect(monitor.text).not.toContain("s3cret");
  });

  it("has no status of a monitor without one", async () => {
    await using server = await startServer();
    expect((await server.get("/admin/status/monitor")).json.code).toBe("NOT_FOUND");
    expect((await server.get("/admin/status")).json.processes).toHaveLength(1);
  });

  it("describes each worker, with its replacement", async () => {
    await using workers = await startWorkers(2, ["--max-batch-rows", "77"]);
    const read = async () => {
      const reply = await fetch(`${workers.url}/admin/status`);
      return reply.json() as Promise<{
        readonly options: readonly Readonly<Record<string, string>>[];
        readonly processes: readonly Readonly<Record<string, unknown>>[];
      }>;
    };
    for (let i = 0; i < 4; i++) {
      const reply = await fetch(`${workers.url}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(SETOSA),
      });
      expect(reply.status).toBe(200);
      await reply.arrayBuffer();
    }
    const { processes, options } = await read();
    expect(processes.map(({ role, number, serves }) => [role, number, serves])).toEqual([
      ["primary", null, false],
      ["worker", 1, true],
      ["worker", 2, true],
    ]);
    expect(processes[0]?.["pid"]).toBe(workers.running.process.pid);
    const pids = processes.slice(1).map(({ pid }) => Number(pid));
    expect(new Set(pids)).toEqual(new Set(await workers.pids()));
    const rows = processes.map((one) => Number(one["rows"] ?? 0));
    expect(rows.reduce((sum, each) => sum + each, 0)).toBe(4);
    expect(options.find(({ name }) => name === "max-batch-rows")).toMatchObject({
      value: "77",
      source: "--max-batch-rows",
    });
    process.kill(pids[0]!, "SIGKILL");
    await until(async () => {
      // The connection of a killed worker is reset.
      const now = (await read().catch(() => undefined))?.processes[1];
      return now?.["restarts"] === 1 && now["serves"] === true && now["pid"] !== pids[0];
    });
  });
});
