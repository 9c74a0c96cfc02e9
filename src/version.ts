import { readFileSync } from "node:fs";
import { isJsonObject } from "./kernel/json.ts";

/** Reads the version of Tepal from package.json, which is one folder above both src and dist. */
export function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const value: unknown = JSON.parse(text);
  const version = isJsonObject(value) ? value["version"] : undefined;
  return typeof version === "string" ? version : "unknown";
}
