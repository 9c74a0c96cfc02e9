import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { followFiles } from "./follow-files.ts";

const INTERVAL_MS = 10;

it("notices a write, a replacement, a removal, and a return, each once", async () => {
  await using folder = await createFolder();
  const path = join(folder.path, "keys");
  await writeFile(path, "1");
  let changes = 0;
  using _follower = await followFiles({
    paths: [path],
    onChange: async () => void changes++,
    intervalMs: INTERVAL_MS,
  });
  await writeFile(path, "22");
  await expect.poll(() => changes).toBe(1);
  await writeFile(`${path}.new`, "33");
  await rename(`${path}.new`, path);
  await expect.poll(() => changes).toBe(2);
  await rm(path);
  await expect.poll(() => changes).toBe(3);
  await writeFile(path, "4");
  await expect.poll(() => changes).toBe(4);
});

it("follows a folder that a symbolic link swaps, as Kubernetes mounts secrets", async () => {
  await using folder = await createFolder();
  for (const version of ["a", "b"]) {
    await mkdir(join(folder.path, version));
    await writeFile(join(folder.path, version, "keys"), version);
  }
  await symlink("a", join(folder.path, "..data"));
  await symlink("..data/keys", join(folder.path, "keys"));
  let changes = 0;
  using _follower = await followFiles({
    paths: [join(folder.path, "keys")],
    onChange: async () => void changes++,
    intervalMs: INTERVAL_MS,
  });
  await symlink("b", join(folder.path, "..new"));
  await rename(join(folder.path, "..new"), join(folder.path, "..data"));
  await expect.poll(() => changes).toBe(1);
});

it("waits until all files rest", async () => {
  await using folder = await createFolder();
  const paths = ["cert", "key"].map((name) => join(folder.path, name));
  const intervalMs = 200;
  let changes = 0;
  using _follower = await followFiles({
    paths,
    onChange: async () => void changes++,
    intervalMs,
  });
  const end = performance.now() + 4 * intervalMs;
  for (let i = 0; performance.now() < end; i++) await writeFile(paths[i % 2] ?? "", String(i));
  expect(changes).toBe(0);
  await expect.poll(() => changes).toBe(1);
});

it("does not report what was marked", async () => {
  await using folder = await createFolder();
  const path = join(folder.path, "keys");
  const other = join(folder.path, "other");
  const changes: string[] = [];
  const follow = (name: string): ReturnType<typeof followFiles> =>
    followFiles({
      paths: [name],
      onChange: async () => void changes.push(name),
      intervalMs: INTERVAL_MS,
    });
  using follower = await follow(path);
  using _second = await follow(other);
  await writeFile(path, "1");
  await follower.mark();
  await writeFile(other, "1");
  await expect.poll(() => changes).toEqual([other]);
});
