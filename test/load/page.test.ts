import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Value } from "typebox/value";
import { LoadDocumentSchema } from "../../src/load/contract/load-document.ts";
import type { RunReport } from "../../src/load/contract/report.ts";
import { createFolder } from "../support/folders.ts";
import { SCRIPT, SHORT_RUN, startLoadPage, type TestPage } from "../support/load-page.ts";
import { startServer } from "../support/server.ts";

const resources = new AsyncDisposableStack();
let page: TestPage;
beforeAll(async () => {
  const server = resources.use(await startServer());
  page = resources.use(await startLoadPage({ script: SCRIPT, host: server.url }));
});
afterAll(() => resources.disposeAsync());

const users = (count: number): object => ({ kind: "users", users: count, spawn_rate: 100 });

describe("the page's API", () => {
  it("describes the load test before the first run", async () => {
    const { status, headers, json } = await page.send("/api/load");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect([...Value.Errors(LoadDocumentSchema, json)]).toEqual([]);
    expect(json).toMatchObject({
      version: "1.2.3",
      script: { user_classes: [{ name: "Visitor", weight: 3 }, { name: "Stranger" }] },
      defaults: { profile: { kind: "users" } },
      report: { id: "", state: "ready", verdict: null },
    });
  });

  it("rejects a plan with all problems by pointer", async () => {
    const { status, headers, json } = await page.post("/api/load/start", {
      profile: { kind: "users", users: -1, spawn_rate: "fast" },
      host: "nowhere",
      user_classes: ["Nobody"],
      speed: 9,
    });
    expect(status).toBe(422);
    expect(headers["content-type"]).toMatch("application/problem+json");
    expect(json.code).toBe("INVALID_PLAN");
    const pointers = json.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted();
    expect(pointers).toEqual([
      "/host",
      "/profile/spawn_rate",
      "/profile/users",
      "/speed",
      "/user_classes/0",
    ]);
    expect(page.loadTest.report().state).toBe("ready");
  });

  it("starts one run at a time, changes its load, resets, stops and stores it", async () => {
    const started = await page.post("/api/load/start", { profile: users(2) });
    expect(started.status).toBe(202);
    const { id } = started.json;
    expect(id).toMatch(/^\d{8}T\d{6}-[0-9a-f]{4}$/);
    expect(await page.post("/api/load/start", {})).toMatchObject({
      status: 409,
      json: { code: "CONFLICT" },
    });
    await expect.poll(() => page.loadTest.report().users).toBe(2);

    expect((await page.post("/api/load/edit", { users: 5 })).status).toBe(200);
    await expect.poll(() => page.loadTest.report().users).toBe(5);
    expect(await page.post("/api/load/edit", { rate: 5 })).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: "/rate" }] },
    });

    await expect.poll(() => page.loadTest.report().total.requests).toBeGreaterThan(50);
    const before = page.loadTest.report().total.requests;
    expect((await page.post("/api/load/reset")).status).toBe(200);
    expect(page.loadTest.report().total.requests).toBeLessThan(before);

    expect(await page.post("/api/load/stop")).toMatchObject({ status: 200, json: { id } });
    expect(await page.post("/api/load/edit", { users: 5 })).toMatchObject({ status: 409 });
    const { json } = await page.send("/api/load/runs");
    expect(json.runs).toMatchObject([{ id, host: page.loadTest.report().plan.host }]);
    const kept = await page.send(`/api/load/runs/${id}`);
    expect(kept.json).toEqual(JSON.parse(JSON.stringify(page.loadTest.report())));
    expect(kept.json.marks.map(({ kind }: { kind: string }) => kind)).toEqual([
      "start",
      "edit",
      "reset",
      "stop",
    ]);
  });

  it("returns a run in every format, and deletes it", async () => {
    const report: RunReport = await page.run(SHORT_RUN);
    const listIds = async (): Promise<string[]> =>
      (await page.send("/api/load/runs")).json.runs.map((run: { id: string }) => run.id);
    await expect.poll(listIds).toContain(report.id);
    for (const id of [report.id, "current"]) {
      for (const [name, type] of Object.entries({
        "report.html": "text/html; charset=utf-8",
        "report.json": "application/json; charset=utf-8",
        "requests.csv": "text/csv; charset=utf-8",
        "failures.csv": "text/csv; charset=utf-8",
        "exceptions.csv": "text/csv; charset=utf-8",
        "history.csv": "text/csv; charset=utf-8",
      })) {
        const { status, headers, text } = await page.send(
          `/api/load/runs/${id}/${name}?download=1`,
        );
        expect([name, status, headers["content-type"]]).toEqual([name, 200, type]);
        expect(headers["content-disposition"]).toBe(
          `attachment; filename="tepal-load-${report.id}-${name}"`,
        );
        expect(text.length).toBeGreaterThan(20);
      }
    }
    const shown = await page.send(`/api/load/runs/${report.id}/report.html`);
    expect(shown.headers["content-disposition"]).toBeUndefined();

    const remove = (): Promise<{ status: number }> =>
      page.send(`/api/load/runs/${report.id}`, { method: "DELETE" });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    const { json } = await page.send("/api/load/runs");
    expect(json.runs.map(({ id }: { id: string }) => id)).not.toContain(report.id);
  });

  it("replies with problem details to unknown paths and invalid bodies", async () => {
    for (const path of ["/nothing", "/api/load/runs/x", "/api/load/runs/20260101T000000-abcd"]) {
      expect(await page.send(path)).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
    }
    const send = (type: string, body: string): Promise<{ status: number }> =>
      page.send("/api/load/start", { method: "POST", headers: { "content-type": type }, body });
    expect(await send("application/json", "{")).toMatchObject({ status: 400 });
    expect(await send("application/json", "[]")).toMatchObject({ status: 422 });
    expect(
      await send("application/json", '{"host": "http://a", "host": "http://b"}'),
    ).toMatchObject({
      status: 422,
      json: { code: "INVALID_PLAN", errors: [{ pointer: "/host" }] },
    });
    expect(await send("text/plain", "{}")).toMatchObject({ status: 415 });
    expect(await send("application/json", `"${"x".repeat(100_000)}"`)).toMatchObject({
      status: 413,
    });
  });

  it("has metrics for Prometheus and a liveness check", async () => {
    const { headers, text } = await page.send("/metrics");
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(text).toMatch(/^load_users 0$/m);
    expect(text).toMatch(/^load_requests_total\{endpoint="\/predict",status="200"\} [1-9]/m);
    expect(await page.send("/health")).toMatchObject({ status: 200, json: { status: "live" } });
  });
});

describe("the page's files", () => {
  it("are served with what they may load, and hashed ones for ever", async () => {
    await using folder = await createFolder();
    const pageFolder = `${folder.path}/console`;
    await using own = await startLoadPage({
      script: SCRIPT,
      host: "http://127.0.0.1:9",
      pageFolder,
    });
    const without = await own.send("/");
    expect(without).toMatchObject({ status: 503, text: expect.stringContaining("npm run build") });

    await mkdir(`${pageFolder}/assets`, { recursive: true });
    await writeFile(`${pageFolder}/index.html`, "<!doctype html><title>page</title>");
    await writeFile(`${pageFolder}/assets/a-1234.js`, "1;");
    await writeFile(`${folder.path}/secret.js`, "2;");
    const index = await own.send("/");
    expect(index).toMatchObject({ status: 200, text: expect.stringContaining("<title>page") });
    expect(index.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const policy = String(index.headers["content-security-policy"]);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    const script = await own.send("/assets/a-1234.js?v=1");
    expect(script.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
    for (const path of ["/assets/b.js", "/../secret.js", "/%2e%2e/secret.js", "/assets/"]) {
      expect((await own.send(path)).status).toBe(404);
    }
  });
});
