import { CommanderError } from "commander";
import { toExitCode, USAGE } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { handleOutputErrors } from "./terminal/print.ts";

/** Runs the command line of this process and sets its exit code. */
export async function run(): Promise<void> {
  handleOutputErrors();
  try {
    const words = process.argv.slice(2);
    const program = await createProgram(words);
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed the message. Help and version arrive here too, with 0.
      process.exitCode = error.exitCode === 0 ? 0 : USAGE;
    } else {
      process.exitCode = toExitCode(error);
    }
  }
}
