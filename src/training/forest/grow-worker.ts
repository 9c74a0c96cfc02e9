import { parentPort, workerData } from "node:worker_threads";
import { createTreeGrower } from "./grow-tree.ts";
import type { GrowJob } from "./grow-in-workers.ts";

/** A thread of `growInWorkers`: repeatedly takes the next free tree number, grows the tree and posts it. */
function growTrees({ set, options, taken }: GrowJob): void {
  const grow = createTreeGrower(set, options);
  for (;;) {
    const tree = Atomics.add(taken, 0, 1);
    if (tree >= options.trees) return;
    parentPort?.postMessage(grow(tree));
  }
}

const job: GrowJob = workerData;
growTrees(job);
