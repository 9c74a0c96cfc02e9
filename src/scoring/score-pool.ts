import { Worker } from "node:worker_threads";
import { TepalError, toMessage } from "../kernel/errors.ts";
import type { Block, BlockResult, ScoreJob } from "./scoring.ts";

/** Threads that score blocks. */
export interface ScorePool extends AsyncDisposable {
  /**
   * Scores a block in the least busy thread. Transfers the block's bytes: the caller can no longer read them.
   * @throws TepalError INTERNAL if a thread failed
   */
  score(block: Block): Promise<BlockResult>;
}

interface Thread {
  readonly worker: Worker;
  /** Promises of the blocks sent to the thread, in the order of its results. */
  readonly pending: PromiseWithResolvers<BlockResult>[];
}

// In a variable, so that bundlers do not treat it as an asset.
const workerFile = import.meta.url.endsWith(".ts") ? "./score-worker.ts" : "./score-worker.js";

export function createScorePool(job: ScoreJob): ScorePool {
  const threads: Thread[] = [];
  let failure: TepalError | undefined;

  function fail(cause: unknown): void {
    const message = `A scoring thread failed: ${toMessage(cause)}`;
    failure ??=
      cause instanceof TepalError ? cause : new TepalError("INTERNAL", message, { cause });
    for (const { pending } of threads) {
      for (const { reject } of pending.splice(0)) reject(failure);
    }
  }

  for (let i = 0; i < job.request.jobs; i++) {
    // The threads do not inherit flags of this process, for example a debugger's.
    const worker = new Worker(new URL(workerFile, import.meta.url), {
      workerData: job,
      execArgv: [],
    });
    const thread: Thread = { worker, pending: [] };
    worker.on("message", (result: BlockResult) => thread.pending.shift()?.resolve(result));
    worker.on("messageerror", fail);
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`it exited with code ${code}`)));
    threads.push(thread);
  }

  return {
    score(block) {
      const result = Promise.withResolvers<BlockResult>();
      // It may reject while others are awaited.
      result.promise.catch(() => {});
      const [first, ...others] = threads;
      if (failure !== undefined || first === undefined) result.reject(failure);
      else {
        const leastBusy = others.reduce(
          (a, b) => (b.pending.length < a.pending.length ? b : a),
          first,
        );
        leastBusy.pending.push(result);
        leastBusy.worker.postMessage(block, [block.bytes.buffer]);
      }
      return result.promise;
    },
    async [Symbol.asyncDispose]() {
      failure ??= new TepalError("CANCELLED", "Scoring ended.");
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
