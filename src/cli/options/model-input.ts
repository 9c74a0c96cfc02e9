import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { TepalError, toMessage } from "../../kernel/errors.ts";

/** Options and files of the commands that write a model. */

export function addUnitOption(command: Command): void {
  command.option(
    "--unit <FEATURE=UNIT>",
    "Unit of a feature for messages; repeatable",
    (pair: string, before: readonly string[]) => [...before, pair],
    [],
  );
}

/** wine-data (2024).csv → wine-data-2024 */
export function toModelName(path: string): string {
  const name = basename(path, extname(path))
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 64);
  return name === "" ? "model" : name;
}

/** Parses FEATURE=UNIT, … to units by feature. @throws TepalError INVALID_OPTION */
export function parseUnits(given: unknown): Record<string, string> {
  const pairs = (Array.isArray(given) ? given : []).map((pair): [string, string] => {
    const text = String(pair);
    const at = text.lastIndexOf("=");
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
    throw new TepalError(
      "INVALID_OPTION",
      `--unit is "${text}"; FEATURE=UNIT is expected, such as height=cm`,
    );
  });
  return Object.fromEntries(pairs);
}

/** @throws TepalError INVALID_DATA */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new TepalError("INVALID_DATA", `${path} cannot be read: ${toMessage(cause)}`, { cause });
  }
}

/** @throws TepalError INVALID_OPTION */
export function parseDelimiter(given: string): string {
  const delimiter = given === "\\t" ? "\t" : given;
  if (delimiter.length === 1) return delimiter;
  throw new TepalError(
    "INVALID_OPTION",
    `--delimiter is "${given}"; a single character is expected`,
  );
}
