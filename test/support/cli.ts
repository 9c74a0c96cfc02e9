import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The program of the command line. */
export const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A finished run of the command line. */
export interface Run {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the command line that has not ended yet; disposing of it kills it. */
export interface Running extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Output so far: standard output, then standard error. */
  output(): string;
  /** True once the process has ended and its output is complete. */
  hasEnded(): boolean;
  readonly ended: Promise<Run>;
}

/**
 * Starts `tepal` with these arguments in a folder, without a terminal and without the environment of the test.
 * @param main the file of the program. @default its sources
 */
export function startCli(
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  main = MAIN,
): Running {
  const child = spawn(process.execPath, [main, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  let isClosed = false;
  child.once("close", () => (isClosed = true));
  const ended = once(child, "close").then(() => ({ code: child.exitCode, stdout, stderr }));
  return {
    process: child,
    output: () => stdout + stderr,
    hasEnded: () => isClosed,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export function runCli(words: readonly string[], folder: string): Promise<Run> {
  return startCli(words, folder).ended;
}

/**
 * Waits until the output matches a pattern. Returns its first group, or the whole match if it has none.
 * @throws Error with the output if the process ends first
 */
export async function waitForOutput(running: Running, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(running.output());
    if (found !== null) return found[1] ?? found[0];
    if (running.hasEnded()) throw new Error(`The process ended: ${running.output()}`);
    await Promise.race([
      once(running.process.stdout ?? running.process, "data"),
      once(running.process.stderr ?? running.process, "data"),
      running.ended,
    ]);
  }
}
