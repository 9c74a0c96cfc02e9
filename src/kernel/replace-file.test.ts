import {
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  readdir,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { replaceFile } from "./replace-file.ts";

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("replaceFile", () => {
  it("creates a file with the given permissions and replaces it with those that it has", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "file");
    await replaceFile(path, "one", 0o600);
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["one", 0o600]);
    await chmod(path, 0o640);
    await replaceFile(path, "two", 0o600);
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["two", 0o640]);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  it("replaces the target of a chain of links, also one that does not exist yet", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "real"));
    await symlink("real/file", join(folder.path, "inner"));
    const path = join(folder.path, "outer");
    await symlink("inner", path);
    for (const content of ["one", "two"]) {
      await replaceFile(path, content, 0o600);
      expect(await readFile(join(folder.path, "real/file"), "utf8")).toBe(content);
    }
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await lstat(join(folder.path, "inner"))).isSymbolicLink()).toBe(true);
    expect(await readdir(join(folder.path, "real"))).toEqual(["file"]);
  });

  it.runIf(isRoot())("keeps the owner if root replaces the file of another user", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "file");
    await writeFile(path, "one");
    await chown(path, 1_234, 1_234);
    await replaceFile(path, "two", 0o600);
    const { uid, gid } = await stat(path);
    expect([uid, gid]).toEqual([1_234, 1_234]);
  });

  it("leaves nothing behind if it fails", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "taken"));
    await expect(replaceFile(join(folder.path, "taken"), "x", 0o600)).rejects.toThrow("EISDIR");
    expect(await readdir(folder.path)).toEqual(["taken"]);
    const loop = join(folder.path, "loop");
    await symlink("loop", loop);
    await expect(replaceFile(loop, "x", 0o600)).rejects.toThrow("ELOOP");
  });
});

/** Returns true if this process may give files to other users; otherwise prints how to run the test that needs it. */
function isRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  process.stderr.write(
    "skipped: only root can change the owner of a file: `sudo npx vitest run src/kernel/replace-file.test.ts`\n",
  );
  return false;
}
