import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createKey, ROLES, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { readVersion } from "../../src/version.ts";
import { createConsoleFolder } from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import { startPrefixProxy } from "../support/prefix-proxy.ts";
import { startServer, type Reply, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const DASHBOARDS = fileURLToPath(new URL("../../deploy/grafana/dashboards", import.meta.url));
const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

describe("the console", () => {
  it("is where a browser lands, and programs keep JSON", async () => {
    await using folder = await createConsoleFolder();
    await using server = await startServer({}, { consoleFolder: folder.path });
    await using proxy = await startPrefixProxy(server.url, "/team/iris");
    const reply = await server.send("/", { headers: BROWSER });
    expect([reply.status, reply.headers["location"]]).toEqual([302, "console/"]);
    for (const accept of [
      undefined,
      "*/*",
      "application/json",
      "application/json, text/html;q=0.5",
    ]) {
      const { status, json, headers } = await server.send("/", {
        headers: accept === undefined ? {} : { accept },
      });
      expect([accept, status, json.status]).toEqual([accept, 200, "ok"]);
      expect(headers["vary"]).toMatch(/accept/);
    }
    // Redirects below a path that a proxy strips.
    for (const path of ["/", "/console"]) {
      const page = await fetch(`${proxy.url}${path}`, { headers: BROWSER });
      expect([page.url, page.status]).toEqual([`${proxy.url}/console/`, 200]);
      expect(await page.text()).toContain("<title>Tepal</title>");
    }
    expect(proxy.strays).toEqual([]);
  });

  it("allows nothing from other hosts, and caches only files that never change", async () => {
    await using folder = await createConsoleFolder();
    await using server = await startServer({}, { consoleFolder: folder.path });
    const page = await server.get("/console/");
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
    });
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    const script = await server.get("/console/assets/console-1a2b.js");
    expect(script.headers["cache-control"]).toContain("immutable");
    for (const path of [
      "/console/../package.json",
      "/console/%2e%2e/package.json",
      "/console/absent.js",
    ]) {
      expect((await server.get(path)).status).toBe(404);
    }
  });

  it("names the command that builds it", async () => {
    await using folder = await createFolder();
    await using server = await startServer({}, { consoleFolder: folder.path });
    const page = await server.get("/console/");
    expect([page.status, page.text]).toEqual([503, expect.stringContaining("npm run build")]);
  });

  it("lists and serves the dashboards of the package, overview first", async () => {
    await using server = await startServer();
    const { json } = await server.get("/console/dashboards");
    expect(json.dashboards[0]).toMatchObject({ name: "tepal-overview", title: "Overview" });
    expect(json.dashboards).toHaveLength((await readdir(DASHBOARDS)).length);
    const { json: dashboard } = await server.get("/console/dashboards/tepal-model");
    expect(dashboard.uid).toBe("tepal-model");
    for (const name of ["absent", "..%2f..%2fprovisioning%2fdashboards"]) {
      expect((await server.get(`/console/dashboards/${name}`)).status).toBe(404);
    }
  });

  it("names the source of the history", async () => {
    await using bare = await startServer();
    expect((await bare.get("/console/source")).json).toEqual({ kind: null, url: null });
    await using server = await startServer({ monitor: true, persist: false });
    expect((await server.get("/console/source")).json).toEqual({ kind: "monitor", url: null });
  });

  it("lists and serves the dashboards of --dashboards, and names the problem of a file", async () => {
    await using folder = await createFolder();
    const dashboards = join(folder.path, "boards");
    await using server = await startServer({ dashboards });
    const list = async () => (await server.get("/console/dashboards")).json;
    const { dashboards: own, problem } = await list();
    expect(problem).toMatch(/Cannot read the folder .*boards of --dashboards: ENOENT/);
    await mkdir(dashboards);
    // Without a restart: as Grafana saves it, as its API returns it, and what is none.
    const files = {
      "plain.json": '\uFEFF{"title": "Plain", "uid": "p1", "tags": ["a"], "panels": []}',
      "export.json": '{"meta": {}, "dashboard": {"title": "Exported", "rows": []}}',
      "broken.json": '{"title": ',
      "other.json": "[1]",
      "notes.txt": "no dashboard",
      "tepal-load.json": '{"title": "Mine", "panels": []}',
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(dashboards, name), text);
    }
    const listed = await list();
    expect(listed.problem).toBeUndefined();
    expect(listed.dashboards).toHaveLength(own.length + 4);
    expect(listed.dashboards.slice(own.length - 1)).toEqual([
      expect.objectContaining({
        name: "broken",
        title: "broken",
        problem: expect.stringMatching(/^Expected JSON: /),
      }),
      expect.objectContaining({ name: "export", title: "Exported" }),
      expect.objectContaining({
        name: "other",
        problem: "Expected a dashboard of Grafana, with panels, got other JSON.",
      }),
      { name: "plain", title: "Plain", description: "", tags: ["a"], uid: "p1" },
      // Instead of the package's.
      expect.objectContaining({ name: "tepal-load", title: "Mine" }),
    ]);
    expect((await server.get("/console/dashboards/plain")).json.title).toBe("Plain");
    const broken = await server.get("/console/dashboards/broken");
    expect([broken.status, broken.json.code]).toEqual([422, "INVALID_DASHBOARD"]);
    await rm(join(dashboards, "plain.json"));
    expect((await server.get("/console/dashboards/plain")).status).toBe(404);
  });

  it("serves its files to everyone, and dashboards to the role metrics", async () => {
    await using folder = await createConsoleFolder();
    const keys = (["predict", "metrics"] as const).map((role) =>
      createKey(role, role, "2026-01-01T00:00:00.000Z"),
    );
    const file = join(folder.path, "keys.json");
    await writeKeysFile(
      file,
      keys.map(({ stored }) => stored),
    );
    await using server = await startServer({ apiKeysFile: file }, { consoleFolder: folder.path });
    expect((await server.send("/", { headers: BROWSER })).status).toBe(302);
    expect((await server.get("/console/")).status).toBe(200);
    const statuses = [];
    for (const key of ["", ...keys.map(({ text }) => text)]) {
      const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
      statuses.push((await server.send("/console/dashboards", { headers })).status);
    }
    expect(statuses).toEqual([401, 403, 200]);
  });

  it("states the server's state, and the roles of the request's key", async () => {
    await using folder = await createFolder();
    const keys = ROLES.map((role) => createKey(role, role, "2026-01-01T00:00:00.000Z"));
    const file = join(folder.path, "keys.json");
    await writeKeysFile(
      file,
      keys.map(({ stored }) => stored),
    );
    await using open = await startServer({ monitor: true, persist: false });
    await using locked = await startServer({ apiKeysFile: file });
    const read = (server: TestServer, key?: string): Promise<Reply> =>
      server.send("/console/server", {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      });
    const model = { name: "iris", version: 1 };
    const version = readVersion();

    await until(async () => (await read(open)).json.monitor === "ready");
    const before = Date.now();
    const { json, headers } = await read(open);
    expect(json.now).toBeGreaterThanOrEqual(before);
    expect(json.now).toBeLessThanOrEqual(Date.now());
    expect(headers["cache-control"]).toBe("no-store");
    expect(json).toMatchObject({ state: "ready", monitor: "ready", model, version });
    expect(json).toMatchObject({ key_required: false, role: null });
    expect(json.allows).toEqual(["predict", "metrics", "load"]);

    // Without a key, it names neither version nor model.
    const hidden = { version: null, model: null, role: null, allows: [] };
    expect((await read(locked)).json).toMatchObject({
      ...hidden,
      state: "ready",
      monitor: "absent",
      key_required: true,
    });
    const allowed = await Promise.all(
      keys.map(async ({ text }) => (await read(locked, text)).json),
    );
    expect(allowed.map(({ role, allows }) => [role, allows])).toEqual([
      ["predict", ["predict"]],
      ["metrics", ["metrics"]],
      ["load", ["predict", "metrics", "load"]],
      ["admin", ["predict", "metrics", "load", "admin"]],
    ]);
    for (const state of allowed) expect(state).toMatchObject({ version, model });
    expect((await read(locked, "tepal_wrong")).status).toBe(401);
  });
});
