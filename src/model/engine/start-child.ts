import { fork } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { superviseChild } from "../../kernel/child-process.ts";
import type { Channel } from "../../kernel/channel.ts";
import type { EngineFailure } from "../model.ts";
import {
  FILE_DESCRIPTOR,
  REASON_DESCRIPTOR,
  type EngineCalls,
  type EngineGraph,
  type EngineTask,
} from "./engine.ts";

/** An engine process, seen from the server. It does not keep the server's process alive. */
export interface EngineChild {
  readonly pid: number | undefined;
  readonly channel: Channel<EngineCalls>;
  readonly hasEnded: boolean;
  /** Loads the graph. @throws TepalError as `EngineCalls.load` */
  load(graph: EngineGraph, limits: Pick<EngineTask, "runtime" | "memoryBytes">): Promise<void>;
  /** Resolves with the reason once it has ended. */
  readonly ended: Promise<EngineEnd>;
  /** Kills it. @param failure the reason, if it is the server's */
  kill(failure?: EngineFailure): void;
  /** Lets it exit, and kills it after a second. */
  end(): Promise<void>;
}

export interface EngineEnd {
  readonly failure: EngineFailure;
  /** For messages: `with code 1`, or `by SIGKILL`. */
  readonly how: string;
}

// In a variable, so that bundlers do not treat it as an asset.
const processFile = import.meta.url.endsWith(".ts") ? "./engine-process.ts" : "./engine-process.js";

/** Time for a process to exit by itself. */
const EXIT_MS = 1_000;
/** Time for the last bytes of a process that has ended. */
const REASON_MS = 200;
/** Variables without which programs do not start on some systems. All others may be secrets of the server. */
const KEPT_VARIABLES = [
  "PATH",
  "LD_LIBRARY_PATH",
  "SystemRoot",
  "TMPDIR",
  "TEMP",
  "TZ",
  "NODE_COMPILE_CACHE",
];

export function startChild(): EngineChild {
  const child = fork(fileURLToPath(new URL(processFile, import.meta.url)), [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc", "pipe", "pipe"],
    execArgv: [],
    env: Object.fromEntries(
      KEPT_VARIABLES.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  });
  const supervised = superviseChild<EngineCalls, object>(child, {});
  const stdio: readonly unknown[] = child.stdio;
  const pipe = stdio[REASON_DESCRIPTOR];
  const file = stdio[FILE_DESCRIPTOR];
  let stated = "";
  let killedFor: EngineFailure | undefined;
  const read = pipe instanceof Readable ? readAll(pipe, (text) => (stated += text)) : undefined;
  child.unref();
  child.channel?.unref();

  async function waitForEnd(): Promise<EngineEnd> {
    const how = await supervised.ended;
    await Promise.race([read, delay(REASON_MS, undefined, { ref: false })]);
    return { failure: killedFor ?? (stated === "memory" ? "memory" : "crash"), how };
  }

  return {
    pid: supervised.pid,
    channel: supervised.channel,
    get hasEnded() {
      return supervised.hasEnded;
    },
    load({ bytes, ...graph }, limits) {
      if (file instanceof Writable) {
        // Lost if the process ends, which rejects the call.
        file.on("error", () => {});
        file.end(bytes);
        if ("unref" in file && typeof file.unref === "function") file.unref();
      }
      return supervised.channel.call("load", { ...limits, graph, size: bytes.length });
    },
    ended: waitForEnd(),
    kill(failure) {
      killedFor ??= failure;
      child.ref();
      supervised.kill();
    },
    async end() {
      // Until it has ended, the process of the caller stays alive: it waits for nothing else.
      child.ref();
      supervised.disconnect();
      const timer = setTimeout(supervised.kill, EXIT_MS);
      await supervised.ended;
      clearTimeout(timer);
    },
  };
}

async function readAll(pipe: Readable, onText: (text: string) => void): Promise<void> {
  pipe.on("data", (bytes: Buffer) => onText(bytes.toString("latin1")));
  pipe.on("error", () => {});
  if ("unref" in pipe && typeof pipe.unref === "function") pipe.unref();
  await once(pipe, "close");
}
