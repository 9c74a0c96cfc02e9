import { COMMAND_ERRORS, TepalError } from "../kernel/errors.ts";
import { printError } from "./terminal/print.ts";

/** Exit code for an invalid command line or option. */
export const USAGE = 2;
/** Exit code of a completed command whose input had bad rows. */
export const BAD_ROWS = 3;

/** Prints an error to standard error and returns its exit code. An error other than TepalError is a bug in Tepal. */
export function toExitCode(error: unknown): number {
  if (error instanceof TepalError) {
    printError(`tepal: ${error.message}\n`);
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(`tepal: Internal error. This is a bug in Tepal; please report it.\n${trace}\n`);
  return COMMAND_ERRORS.INTERNAL.exitCode;
}
