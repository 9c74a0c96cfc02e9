import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { REASON_DESCRIPTOR, type WatchTask } from "./engine.ts";

/** onnxruntime fills memory at some GB/s: between two looks it exceeds the limit by some 100 MB at most. */
const INTERVAL_MS = 20;

/** Ends the engine process, also while it computes, if its memory exceeds the limit or the server has ended. */
function watch({ memoryBytes, parent }: WatchTask): void {
  setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytes) {
      writeSync(REASON_DESCRIPTOR, "memory");
      process.kill(process.pid, "SIGKILL");
    }
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  }, INTERVAL_MS);
}

const task: WatchTask = workerData;
watch(task);
