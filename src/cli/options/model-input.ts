import type { Command } from "commander";
import { toFlagName } from "../../config/names.ts";
import { describeMismatch, toInputError } from "../../kernel/check.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { OptionValues } from "../../kernel/options.ts";
import { IMPORT_OPTIONS, type CSV_OPTIONS } from "../../training/options.ts";
import type { FileForm } from "../../training/training.ts";
import { printError } from "../terminal/print.ts";

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

/** Returns the form of a file as the flags give it; `auto` becomes undefined. @throws TepalError INVALID_OPTION */
export function toFileForm({
  delimiter,
  decimal,
  encoding,
  missing,
}: OptionValues<typeof CSV_OPTIONS> & { readonly missing?: string }): FileForm {
  return {
    delimiter: parseDelimiter(delimiter),
    decimal: decimal === "auto" ? undefined : decimal,
    encoding: encoding === "auto" ? undefined : encoding,
    missing: missing === IMPORT_OPTIONS.missing.default ? undefined : missing,
  };
}

/** Prints notices and warnings about data to standard error. */
export const PRINT_DATA_MESSAGES = {
  onNotice: (message: string): void => printError(`${message}\n`),
  onWarning: (message: string): void => printError(`warning: ${message}\n`),
};

function parseDelimiter(given: string): string | undefined {
  if (given === "auto") return undefined;
  const delimiter = given === "\\t" ? "\t" : given;
  if (/^[\t\x20-\x7e]$/.test(delimiter) && delimiter !== '"') return delimiter;
  const message = describeMismatch("auto, or a single ASCII character other than a quote", given);
  throw toInputError("INVALID_OPTION", "option", [{ at: "--delimiter", message }]);
}
