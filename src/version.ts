import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isJsonObject } from "./kernel/json.ts";

/** Reads the version of Tepal from package.json, which is one folder above both src and dist. */
export function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const value: unknown = JSON.parse(text);
  const version = isJsonObject(value) ? value["version"] : undefined;
  return typeof version === "string" ? version : "unknown";
}

/** Reads the version, and the Git commit of a server that runs from a clone. */
export async function readBuild(): Promise<{
  readonly version: string;
  readonly commit: string | null;
}> {
  return { version: readVersion(), commit: await readCommit() };
}

/** Returns null for the package, or if the commit is not known. */
async function readCommit(): Promise<string | null> {
  const folder = new URL("../.git/", import.meta.url);
  try {
    const head = (await readFile(new URL("HEAD", folder), "utf8")).trim();
    const [, ref] = /^ref: (\S+)$/.exec(head) ?? [];
    const hash = ref === undefined ? head : (await readFile(new URL(ref, folder), "utf8")).trim();
    return /^[0-9a-f]{40}$/.test(hash) ? hash : null;
  } catch {
    return null;
  }
}
