import { once } from "node:events";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { connectToParent } from "../../kernel/child-process.ts";
import { TepalError } from "../../kernel/errors.ts";
import { FILE_DESCRIPTOR, type EngineCalls, type WatchTask } from "./engine.ts";
import { createSession, type Session } from "./session.ts";

// In a variable, so that bundlers do not treat it as an asset.
const watchdogFile = import.meta.url.endsWith(".ts") ? "./watchdog.ts" : "./watchdog.js";

/** Computes one model, until the server closes the channel or ends. */
function runEngine(): void {
  let session: Session | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Runs one call after the other: messages arrive while onnxruntime computes. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = last.then(action);
    last = result.catch(() => {});
    return result;
  }

  const calls: EngineCalls = {
    load: (task) =>
      inTurn(async () => {
        startWatchdog({ memoryBytes: task.memoryBytes, parent: process.ppid });
        session = await createSession(task, await readFile(task.size));
      }),
    run: (rows) =>
      inTurn(() => {
        if (session === undefined) throw new TepalError("INTERNAL", "No model is loaded");
        return session.run(rows);
      }),
  };
  connectToParent<object, EngineCalls>(calls, () => process.exit());
}

/** Reads the file of the graph from its pipe. */
async function readFile(size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  const pipe = new Socket({ fd: FILE_DESCRIPTOR });
  while (at < size) {
    for (let chunk = pipe.read(); chunk !== null; chunk = pipe.read()) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    if (at < size) await once(pipe, "readable");
  }
  pipe.destroy();
  return bytes;
}

/** A thread, since this one is busy in native code. */
function startWatchdog(task: WatchTask): void {
  new Worker(new URL(watchdogFile, import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  }).unref();
}

runEngine();
