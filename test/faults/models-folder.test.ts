import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS_CSV, toIrisObject, trainIris } from "../support/models.ts";
import { startServer } from "../support/server.ts";

const SETOSA = toIrisObject([5.1, 3.5, 1.4, 0.2]);

describe("a models folder that changes during a reload", () => {
  it("must never stop predictions, when versions and the whole folder appear and disappear", async () => {
    await using server = await startServer();
    const good = join(server.models, "iris");
    const away = `${server.models}-away`;
    await cp(join(good, "1"), join(good, "2"), { recursive: true });
    const work = new AbortController();
    const statuses = new Set<number>();
    const problems = new Set<string>();
    const predicting = (async () => {
      while (!work.signal.aborted) statuses.add((await server.post("/predict", SETOSA)).status);
    })();
    const reloading = (async () => {
      while (!work.signal.aborted) {
        for (const { message } of (await server.server.reload()).problems) problems.add(message);
      }
    })();
    for (let i = 0; i < 40; i++) {
      await rm(join(good, "2"), { recursive: true });
      await cp(join(good, "1"), join(good, "2"), { recursive: true });
      await rename(server.models, away);
      // The folder is missing for a few turns of the event loop, at any step of the reload.
      for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve));
      await rename(away, server.models);
    }
    work.abort();
    await Promise.all([predicting, reloading]);
    expect([...statuses]).toEqual([200]);
    const others = [...problems].filter((text) => !text.includes("folder cannot be read"));
    expect(others).toEqual([]);
    await server.server.reload();
    const { json } = await server.get("/models");
    const states = json.models[0].versions.map(({ state, reason }: Record<string, unknown>) => [
      state,
      reason,
    ]);
    expect(states[0]).toEqual(["READY", null]);
  });

  it("must not load a half-written version, with a reason, until it is complete", async () => {
    await using server = await startServer();
    await using elsewhere = await createFolder();
    await trainIris(elsewhere.path, { trees: 8 });
    await trainIris(elsewhere.path, { trees: 8 });
    const source = join(elsewhere.path, "iris", "2");
    const target = join(server.models, "iris", "2");
    await mkdir(target);
    const names = (await readdir(source)).toSorted();
    expect(names).toHaveLength(4);
    for (const name of names) {
      const bytes = await readFile(join(source, name));
      for (const length of [0, bytes.length >> 1]) {
        await writeFile(join(target, name), bytes.subarray(0, length));
        const report = await server.server.reload();
        expect(report.loaded).toEqual([]);
        expect(report.failed).toHaveLength(1);
        expect(report.failed[0]?.reason).toMatch(
          /The file cannot be read|Expected the SHA-256|Expected valid JSON/,
        );
        expect((await server.post("/predict", SETOSA)).json.model.version).toBe(1);
      }
      await writeFile(join(target, name), bytes);
    }
    expect((await server.server.reload()).loaded).toEqual([{ name: "iris", version: 2 }]);
    expect((await server.post("/predict", SETOSA)).json.model.version).toBe(2);
  });
});

describe("a model's folder that cannot be read", () => {
  it("must not stop its loaded versions, and must be reported", async () => {
    await using server = await startServer();
    const home = join(server.models, "iris");
    await rename(home, `${server.models}-iris`);
    await symlink("iris", home);
    const report = await server.server.reload();
    expect(report).toMatchObject({ loaded: [], removed: [], failed: [{ version: 1 }] });
    expect(report.failed[0]?.reason).toContain("ELOOP");
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
    await rm(home);
    // Nor must the folder's last model be removed.
    expect(await server.server.reload()).toMatchObject({
      removed: [],
      problems: [{ part: "models", message: expect.stringContaining("has no model any more") }],
    });
    expect((await server.post("/predict", SETOSA)).status).toBe(200);
  });
});

/** Mounts a file system that is too small for a model; returns false if it cannot. */
function mountTiny(path: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=32k", "tmpfs", path]).status === 0;
}

async function canMount(): Promise<boolean> {
  await using folder = await createFolder();
  const can = mountTiny(folder.path);
  if (can) spawnSync("umount", [folder.path]);
  else process.stderr.write("skipped: only root can mount a small file system\n");
  return can;
}

describe.runIf(await canMount())("a full disk", () => {
  it("must end training with a clear error and leave nothing behind", async () => {
    await using folder = await createFolder();
    await using disk = await createFolder();
    await writeFile(join(folder.path, "data.csv"), IRIS_CSV);
    expect(mountTiny(disk.path)).toBe(true);
    try {
      const words = ["train", "--data", "data.csv", "--target", "species", "--models"];
      const run = await runCli([...words, join(disk.path, "models")], folder.path);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/tepal: The model could not be written: ENOSPC: no space left/);
      expect(await readdir(disk.path, { recursive: true })).toEqual([]);
      const small = await runCli(
        [...words, join(disk.path, "models"), "--trees", "1"],
        folder.path,
      );
      expect(small).toMatchObject({ code: 0, stderr: expect.not.stringContaining("ENOSPC") });
    } finally {
      spawnSync("umount", [disk.path]);
    }
  });
});
