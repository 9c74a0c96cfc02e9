import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  SMALL_HEAP_FLAGS,
  superviseChild,
  type SupervisedChild,
} from "../../kernel/child-process.ts";
import type { LogLine } from "../contract/log-line.ts";
import type { GeneratorCalls } from "../generator/generator.ts";

/** A generator process, seen from the coordinator. */
export interface ForkedGenerator extends SupervisedChild<GeneratorCalls> {
  readonly number: number;
  /** Lets the process exit by closing the channel, and kills it after a second. Resolves when it has ended. */
  end(): Promise<void>;
}

/** Time for a process to exit by itself. */
const EXIT_MS = 1_000;

const processFile = import.meta.url.endsWith(".ts")
  ? "../generator/process.ts"
  : "../generator/process.js";

/** @param onLog receives the lines that the script and the generator print */
export function forkGenerator(
  number: number,
  onLog: (line: Pick<LogLine, "level" | "message">) => void,
): ForkedGenerator {
  const child = fork(fileURLToPath(new URL(processFile, import.meta.url)), [], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [...SMALL_HEAP_FLAGS],
  });
  const supervised = superviseChild<GeneratorCalls, object>(child, {});
  for (const [stream, level] of [
    [child.stdout, "info"],
    [child.stderr, "error"],
  ] as const) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (message) => onLog({ level, message }));
  }

  return Object.assign(supervised, {
    number,
    async end() {
      supervised.disconnect();
      const timer = setTimeout(supervised.kill, EXIT_MS);
      await supervised.ended;
      clearTimeout(timer);
    },
  });
}
