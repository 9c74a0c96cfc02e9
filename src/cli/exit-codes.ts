import { TepalError } from "../kernel/errors.ts";

/** A command line that cannot be understood, or an option that cannot be used. */
export const USAGE = 2;
/** Everything was done, but some rows of the input could not be used. */
export const BAD_ROWS = 3;
/** A fault of Tepal itself (EX_SOFTWARE of sysexits). */
const INTERNAL = 70;

/** The one place where an error becomes an exit code. Prints the error for people, once. */
export function toExitCode(error: unknown): number {
  if (error instanceof TepalError) {
    process.stderr.write(`tepal: ${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`tepal: this is a fault of Tepal; please report it\n${text}\n`);
  return INTERNAL;
}
