import { Worker } from "node:worker_threads";
import { TepalError } from "../../kernel/errors.ts";
import type { GrowingSet } from "./growing-set.ts";
import type { ResolvedForestOptions, TrainingHooks } from "./options.ts";
import type { GrownTree } from "./tree-builder.ts";

/** Start data of each thread. */
export interface GrowJob {
  readonly set: GrowingSet;
  readonly options: ResolvedForestOptions;
  /** One number in shared memory: the number of assigned trees. */
  readonly taken: Int32Array;
}

// In a variable, so that no bundler treats it as an asset of its own.
const workerFile = import.meta.url.endsWith(".ts") ? "./grow-worker.ts" : "./grow-worker.js";

/**
 * Grows the trees in `options.threads` worker threads, and ends all of them in any case.
 *
 * @param collect called with every tree, in tree order
 * @throws TepalError CANCELLED; INTERNAL when a thread fails
 */
export async function growInWorkers(
  set: GrowingSet,
  options: ResolvedForestOptions,
  { signal, onProgress }: TrainingHooks,
  collect: (tree: GrownTree) => void,
): Promise<void> {
  const job: GrowJob = { set, options, taken: new Int32Array(new SharedArrayBuffer(4)) };
  const url = new URL(workerFile, import.meta.url);
  const workers: Worker[] = [];
  const done = Promise.withResolvers<void>();
  const cancel = (): void => {
    done.reject(new TepalError("CANCELLED", "Training was cancelled", { cause: signal?.reason }));
  };
  const fail = (cause: unknown): void => {
    done.reject(new TepalError("INTERNAL", "A training thread failed", { cause }));
  };

  // Trees arrive in any order; early ones wait here.
  const early = new Map<number, GrownTree>();
  let arrived = 0;
  let collected = 0;
  const receive = (tree: GrownTree): void => {
    early.set(tree.tree, tree);
    onProgress?.(++arrived);
    for (let next = early.get(collected); next; next = early.get(collected)) {
      early.delete(collected++);
      collect(next);
    }
    if (collected === options.trees) done.resolve();
  };

  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    for (let i = 0; i < options.threads; i++) {
      // Threads do not inherit the flags of this process (a test runner's, a debugger's).
      const worker = new Worker(url, { workerData: job, execArgv: [] });
      workers.push(worker);
      worker.on("message", (tree: GrownTree) => {
        try {
          receive(tree);
        } catch (error) {
          done.reject(error);
        }
      });
      worker.on("messageerror", fail);
      worker.on("error", fail);
      worker.on("exit", (code) => {
        if (code !== 0) fail(new Error(`it exited with code ${code}`));
      });
    }
    await done.promise;
  } finally {
    signal?.removeEventListener("abort", cancel);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
