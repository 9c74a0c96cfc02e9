import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

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
  /** What it has printed so far, on both outputs. */
  output(): string;
  readonly ended: Promise<Run>;
}

/** Starts `tepal` with these words in a folder, with no terminal and without our own environment's options. */
export function startCli(
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const ended = once(child, "close").then(() => ({ code: child.exitCode, stdout, stderr }));
  return {
    process: child,
    output: () => stdout + stderr,
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

/** Waits for a text in the output and returns the first group of the pattern. */
export async function waitForOutput(running: Running, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(running.output());
    if (found !== null) return found[1] ?? found[0];
    if (running.process.exitCode !== null) throw new Error(`it ended: ${running.output()}`);
    await Promise.race([
      once(running.process.stdout ?? running.process, "data"),
      once(running.process.stderr ?? running.process, "data"),
      running.ended,
    ]);
  }
}
