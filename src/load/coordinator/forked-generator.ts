import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createChannel, type Channel } from "../../kernel/channel.ts";
import { toMessage } from "../../kernel/errors.ts";
import type { GeneratorCalls } from "../generator/generator.ts";
import type { LogLine } from "../load.ts";

/** A generator process, as the coordinator sees it. */
export interface ForkedGenerator {
  readonly number: number;
  readonly channel: Channel<GeneratorCalls>;
  readonly isGone: boolean;
  /** How it ended, once it has. */
  readonly ended: Promise<string>;
  /** Has it end by itself; kills it when it has not after a second. Resolves when it is gone. */
  end(): Promise<void>;
  kill(): void;
}

/** How long an end by itself may take. */
const END_MS = 1_000;

const processFile = import.meta.url.endsWith(".ts")
  ? "../generator/process.ts"
  : "../generator/process.js";

/** @param onLog is given what the script and the generator print */
export function forkGenerator(
  number: number,
  onLog: (line: Pick<LogLine, "level" | "message">) => void,
): ForkedGenerator {
  const child = fork(fileURLToPath(new URL(processFile, import.meta.url)), [], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: MEMORY_FLAGS,
  });
  const channel = createChannel<GeneratorCalls, object>((message) => {
    // Whoever waits for an answer is told when it is gone.
    child.send(message, () => {});
  }, {});
  child.on("message", channel.receive);
  for (const [stream, level] of [
    [child.stdout, "info"],
    [child.stderr, "error"],
  ] as const) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (message) => onLog({ level, message }));
  }

  let isGone = false;
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const settle = (how: string): void => {
    isGone = true;
    channel.close();
    resolve(how);
  };
  child.once("error", (error) => settle(`(${toMessage(error)})`));
  child.once("exit", (code, signal) =>
    settle(signal === null ? `with code ${code}` : `by ${signal}`),
  );
  const kill = (): void => void child.kill("SIGKILL");

  return {
    number,
    channel,
    get isGone() {
      return isGone;
    },
    ended,
    async end() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(kill, END_MS);
      await ended;
      clearTimeout(timer);
    },
    kill,
  };
}

/** What a request allocates dies at once. */
const MEMORY_FLAGS = ["--max-semi-space-size=8", "--heap-growing-percent=30"];
