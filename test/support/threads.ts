import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";

/** Records the worker threads that this process starts from now on, in order. */
export function watchThreads(): Disposable & { readonly threads: readonly Worker[] } {
  const threads: Worker[] = [];
  const watch = (message: unknown): void => {
    threads.push((message as { readonly worker: Worker }).worker);
  };
  subscribe("worker_threads", watch);
  return { threads, [Symbol.dispose]: () => void unsubscribe("worker_threads", watch) };
}
