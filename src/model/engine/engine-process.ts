import { Worker } from "node:worker_threads";
import { connectToParent } from "../../kernel/child-process.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { EngineCalls, WatchTask } from "./engine.ts";
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
        session = await createSession(task);
      }),
    run: (rows) =>
      inTurn(() => {
        if (session === undefined) throw new TepalError("INTERNAL", "No model is loaded");
        return session.run(rows);
      }),
  };
  connectToParent<object, EngineCalls>(calls, () => process.exit());
}

/** A thread, since this one is busy in native code. */
function startWatchdog(task: WatchTask): void {
  new Worker(new URL(watchdogFile, import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  }).unref();
}

runEngine();
