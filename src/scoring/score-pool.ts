import { Worker } from "node:worker_threads";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createSpareBuffers } from "./score-buffers.ts";
import type { Block, BlockResult, ScoreJob, ScoreReply, ScoreTask } from "./scoring.ts";

/** Threads that score blocks. */
export interface ScorePool extends AsyncDisposable {
  /** Returns memory for a block, which `score` takes over. */
  allocate(size: number): Uint8Array<ArrayBuffer>;
  /**
   * Scores a block in the least busy thread. Transfers the block's bytes: the caller can no longer read them.
   * @throws TepalError INTERNAL if a thread failed
   */
  score(block: Block): Promise<BlockResult>;
  /** Reuses the memory of a result for later results. */
  release(result: BlockResult): void;
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
  const inputs = createSpareBuffers();
  const outputs = createSpareBuffers();
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
    worker.on("message", ({ result, input }: ScoreReply) => {
      inputs.give(input);
      thread.pending.shift()?.resolve(result);
    });
    worker.on("messageerror", fail);
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`it exited with code ${code}`)));
    threads.push(thread);
  }

  return {
    allocate: (size) => new Uint8Array(inputs.take(size), 0, size),
    release: ({ bytes }) => outputs.give(bytes.buffer),
    score({ bytes, line }) {
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
        const task: ScoreTask = { bytes, line, spare: outputs.take(0) };
        leastBusy.worker.postMessage(task, [bytes.buffer, task.spare]);
      }
      return result.promise;
    },
    async [Symbol.asyncDispose]() {
      failure ??= new TepalError("CANCELLED", "Scoring ended.");
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
