import { isBrokenPipe, toMessage } from "../../kernel/errors.ts";
import { escapeControls } from "../../kernel/printable.ts";

/**
 * Prints lines to standard output. Control characters appear as escapes, since names and messages come from files and servers. All of the
 * command line prints with these functions; only what draws on a terminal writes to it directly.
 */
export function print(lines: string): void {
  process.stdout.write(escapeControls(lines));
}

/** Prints lines to standard error, as `print`. */
export function printError(lines: string): void {
  process.stderr.write(escapeControls(lines));
}

/** Exit code of a command that could not write its output. */
const CANNOT_WRITE = 1;

/**
 * Keeps this process alive when the reader of its output ends, as `head` does: further output is dropped, and the command completes what
 * else it does. Reports any other error of standard output, for example a full disk, and sets the exit code.
 */
export function handleOutputErrors(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error) => {
    if (isBrokenPipe(error)) return;
    printError(`tepal: Cannot write standard output: ${toMessage(error)}\n`);
    process.once("exit", (code) => {
      if (code === 0) process.exitCode = CANNOT_WRITE;
    });
  });
}
