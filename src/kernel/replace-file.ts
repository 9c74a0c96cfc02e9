import { lstat, open, readlink, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createId } from "./random.ts";

/** More links than any setup has; a cycle of links ends here. */
const MAX_LINKS = 40;

/**
 * Replaces a file atomically: readers see the old content or the new one, also after a power failure. A symbolic link stays, and its
 * target is replaced. The permissions and the owner of an existing file stay.
 *
 * @param mode permissions of a file that did not exist
 * @throws Error of the system; the file is then unchanged
 */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const target = await followLinks(path);
  const before = await stat(target).catch(() => undefined);
  const temporary = `${target}.${createId()}`;
  try {
    {
      await using file = await open(temporary, "wx", 0o600);
      await file.writeFile(content);
      if (before !== undefined) {
        // Only root can give a file to another owner; another user keeps what is readable for itself.
        const made = await file.stat();
        if (made.uid !== before.uid || made.gid !== before.gid)
          await file.chown(before.uid, before.gid).catch(() => {});
      }
      await file.chmod((before?.mode ?? mode) & 0o777);
      await file.sync();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Returns the path of the file that a chain of symbolic links leads to, which may not exist. @throws Error of the system for a cycle */
export async function followLinks(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const found = await lstat(target).catch(() => undefined);
    if (found?.isSymbolicLink() !== true) return target;
    target = resolve(dirname(target), await readlink(target));
  }
  throw new Error(`ELOOP: too many symbolic links, ${path}`);
}
