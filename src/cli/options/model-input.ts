import type { Command } from "commander";
import { toFlagName } from "../../config/names.ts";
import { describeMismatch, toInputError } from "../../kernel/check.ts";
import { TepalError } from "../../kernel/errors.ts";

/** Options of the commands that write a model. */

export function addUnitOption(command: Command): void {
  command.option(
    "--unit <FEATURE=UNIT>",
    "Unit of a feature for messages; repeatable",
    (pair: string, before: readonly string[] = []) => [...before, pair],
  );
}

/** Waits for a function that writes a model. An error that names its options names their flags instead. */
export async function withFlagNames<T>(written: Promise<T>): Promise<T> {
  try {
    return await written;
  } catch (error) {
    if (!(error instanceof TepalError) || error.code !== "INVALID_OPTION") throw error;
    if (error.problems.length === 0) throw error;
    const problems = error.problems.map(({ at, message }) => ({
      at: `--${toFlagName(at)}`,
      message,
    }));
    throw toInputError("INVALID_OPTION", "option", problems);
  }
}

/** Parses FEATURE=UNIT, … to units by feature. @throws TepalError INVALID_OPTION */
export function parseUnits(given: unknown): Record<string, string> {
  const pairs = (Array.isArray(given) ? given : []).map((pair): [string, string] => {
    const text = String(pair);
    const at = text.lastIndexOf("=");
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
    const message = describeMismatch("FEATURE=UNIT, for example height=cm", text);
    throw toInputError("INVALID_OPTION", "option", [{ at: "--unit", message }]);
  });
  return Object.fromEntries(pairs);
}

/** @throws TepalError INVALID_OPTION */
export function parseDelimiter(given: string): string {
  const delimiter = given === "\\t" ? "\t" : given;
  if (delimiter.length === 1) return delimiter;
  const message = describeMismatch("a single character", given);
  throw toInputError("INVALID_OPTION", "option", [{ at: "--delimiter", message }]);
}
