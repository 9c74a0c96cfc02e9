import { Worker } from "node:worker_threads";
import { TepalError, toMessage } from "../kernel/errors.ts";
import type { Block, BlockResult, ScoreJob } from "./scoring.ts";

/** Threads that score blocks. */
export interface ScorePool extends AsyncDisposable {
  /**
   * Scores a block in the thread that has the least to do. The block's bytes are given away.
   * @throws TepalError INTERNAL when a thread has failed
   */
  score(block: Block): Promise<BlockResult>;
}

interface Thread {
  readonly worker: Worker;
  /** Those who wait, in the order in which the thread answers. */
  readonly waiting: PromiseWithResolvers<BlockResult>[];
}

// In a variable, so that no bundler takes it for an asset of its own.
const workerFile = import.meta.url.endsWith(".ts") ? "./score-worker.ts" : "./score-worker.js";

export function createScorePool(job: ScoreJob): ScorePool {
  const threads: Thread[] = [];
  let failure: TepalError | undefined;

  function fail(cause: unknown): void {
    const message = `A scoring thread failed: ${toMessage(cause)}`;
    failure ??=
      cause instanceof TepalError ? cause : new TepalError("INTERNAL", message, { cause });
    for (const { waiting } of threads) {
      for (const { reject } of waiting.splice(0)) reject(failure);
    }
  }

  for (let i = 0; i < job.request.jobs; i++) {
    // No flags of this process (a test runner's, a debugger's) in the threads.
    const worker = new Worker(new URL(workerFile, import.meta.url), {
      workerData: job,
      execArgv: [],
    });
    const thread: Thread = { worker, waiting: [] };
    worker.on("message", (result: BlockResult) => thread.waiting.shift()?.resolve(result));
    worker.on("messageerror", fail);
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`it exited with code ${code}`)));
    threads.push(thread);
  }

  return {
    score(block) {
      const answer = Promise.withResolvers<BlockResult>();
      // It may fail while others are waited for.
      answer.promise.catch(() => {});
      const [first, ...others] = threads;
      if (failure !== undefined || first === undefined) answer.reject(failure);
      else {
        const idlest = others.reduce(
          (a, b) => (b.waiting.length < a.waiting.length ? b : a),
          first,
        );
        idlest.waiting.push(answer);
        idlest.worker.postMessage(block, [block.bytes.buffer]);
      }
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      failure ??= new TepalError("CANCELLED", "Scoring has ended");
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
