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

it("waits until all files rest, and does not report what was marked", async () => {
  await using folder = await createFolder();
  const paths = ["cert", "key"].map((name) => join(folder.path, name));
  let changes = 0;
  using follower = await followFiles({
    paths,
    onChange: async () => void changes++,
    intervalMs: 200,
  });
  for (const path of paths) await writeFile(path, "1");
  await follower.mark();
  // Two changes within one interval are one.
  for (const path of paths) await writeFile(path, "22");
  await expect.poll(() => changes).toBe(1);
});
