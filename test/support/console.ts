import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFolder, type TemporaryFolder } from "./folders.ts";

/** Creates a folder that stands for the built web application: a page and a script. */
export async function createConsoleFolder(): Promise<TemporaryFolder> {
  const folder = await createFolder();
  for (const [name, text] of [
    ["console.html", "<!doctype html><title>Tepal</title>"],
    ["assets/console-1a2b.js", "export {};"],
  ] as const) {
    const path = join(folder.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return folder;
}
