import type { Command } from "commander";
import { TepalError } from "../../kernel/errors.ts";

/** Options and files of the commands that write a model. */

export function addUnitOption(command: Command): void {
  command.option(
    "--unit <FEATURE=UNIT>",
    "Unit of a feature for messages; repeatable",
    (pair: string, before: readonly string[] = []) => [...before, pair],
  );
}

/** Parses FEATURE=UNIT, … to units by feature. @throws TepalError INVALID_OPTION */
export function parseUnits(given: unknown): Record<string, string> {
  const pairs = (Array.isArray(given) ? given : []).map((pair): [string, string] => {
    const text = String(pair);
    const at = text.lastIndexOf("=");
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
    throw new TepalError(
      "INVALID_OPTION",
      `Invalid option --unit: Expected FEATURE=UNIT, for example height=cm, got ${JSON.stringify(text)}.`,
    );
  });
  return Object.fromEntries(pairs);
}

/** @throws TepalError INVALID_OPTION */
export function parseDelimiter(given: string): string {
  const delimiter = given === "\\t" ? "\t" : given;
  if (delimiter.length === 1) return delimiter;
  throw new TepalError(
    "INVALID_OPTION",
    `Invalid option --delimiter: Expected a single character, got ${JSON.stringify(given)}.`,
  );
}
