/**
 * Turns of the event loop. A task that takes milliseconds waits for a turn of its own, so that the server handles other events, such as
 * health checks, between any two of them.
 */
export interface Turns {
  /** Resolves at the start of a turn that no other caller has. Callers take turns in their order. */
  next(): Promise<void>;
}

export function createTurns(): Turns {
  const waiting: (() => void)[] = [];
  function take(): void {
    waiting.shift()?.();
    // The task runs as a reaction of its promise, before the event loop continues.
    if (waiting.length > 0) setImmediate(take);
  }
  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) setImmediate(take);
      }),
  };
}
