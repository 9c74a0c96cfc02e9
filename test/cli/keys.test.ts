import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createKey, readKeysFile, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";

const add = (name: string, folder: string, ...words: string[]): ReturnType<typeof runCli> =>
  runCli(["keys", "add", "--name", name, "--role", "predict", ...words], folder);

describe("tepal keys", () => {
  it("keeps every key of concurrent additions and removals", async () => {
    await using folder = await createFolder();
    const old = [1, 2].map((n) => createKey(`old${n}`, "predict", "2026-01-01").stored);
    await writeKeysFile(join(folder.path, "api-keys.json"), old);
    const names = Array.from({ length: 6 }, (_, i) => `new${i}`);
    const runs = await Promise.all([
      ...names.map((name) => add(name, folder.path)),
      ...old.map(({ id }) => runCli(["keys", "remove", id], folder.path)),
    ]);
    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 0));
    const kept = await readKeysFile(join(folder.path, "api-keys.json"));
    expect(kept.map(({ name }) => name).toSorted()).toEqual(names);
    expect(await readdir(folder.path)).toEqual(["api-keys.json"]);
  });

  it("changes the target of a symbolic link, and keeps the link and the permissions", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "real"));
    const target = join(folder.path, "real/keys.json");
    await symlink("real/keys.json", join(folder.path, "link.json"));
    expect((await add("one", folder.path, "--file", "link.json")).code).toBe(0);
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    await chmod(target, 0o640);
    expect((await add("two", folder.path, "--file", "link.json")).code).toBe(0);
    const [one] = await readKeysFile(target);
    const removed = await runCli(
      ["keys", "remove", one?.id ?? "", "--file", "link.json"],
      folder.path,
    );
    expect(removed.code).toBe(0);
    expect((await readKeysFile(target)).map(({ name }) => name)).toEqual(["two"]);
    expect((await stat(target)).mode & 0o777).toBe(0o640);
    expect((await lstat(join(folder.path, "link.json"))).isSymbolicLink()).toBe(true);
    expect(await readdir(join(folder.path, "real"))).toEqual(["keys.json"]);
  });

  it("leaves the file untouched if it cannot be changed", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "api-keys.json");
    await writeFile(path, "{");
    const run = await add("x", folder.path);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("Expected valid JSON");
    expect(await readFile(path, "utf8")).toBe("{");
    expect(await readdir(folder.path)).toEqual(["api-keys.json"]);
    const missing = await runCli(["keys", "remove", "00000000", "--file", "none/x"], folder.path);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("none/x") });
  });
});
