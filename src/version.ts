import { readFileSync } from "node:fs";
import { isJsonObject } from "./kernel/json.ts";

/** Tepal's own version, from package.json, which lies one folder up in the sources and in dist alike. */
export function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const value: unknown = JSON.parse(text);
  const version = isJsonObject(value) ? value["version"] : undefined;
  return typeof version === "string" ? version : "unknown";
}
