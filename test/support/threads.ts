import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";

/** Records the worker threads of this name that this process starts from now on, in order. */
export function watchThreads(name: "loading" | "monitor"): Disposable & {
  readonly threads: readonly Worker[];
} {
  const threads: Worker[] = [];
  const watch = (message: unknown): void => {
    const { worker } = message as { readonly worker: Worker };
    if (worker.threadName === name) threads.push(worker);
  };
  subscribe("worker_threads", watch);
  return { threads, [Symbol.dispose]: () => void unsubscribe("worker_threads", watch) };
}
