import { createExecutionError, createTimeoutError } from "./errors.ts";

/** Lets so many queries run at a time; the others wait for their turn, in order. */
export interface QueryQueue {
  /**
   * @returns what the query gave
   * @throws TepalError QUERY_TIMEOUT when its turn did not come in time, QUERY_FAILED when too many wait already; what the query threw
   */
  run<T>(query: () => T | Promise<T>): Promise<T>;
}

export interface QueueLimits {
  readonly maxConcurrent: number;
  readonly maxWaiting: number;
  /** Of waiting alone. */
  readonly timeoutSeconds: number;
}

/** Prometheus lets 20 run at a time, and any number wait for two minutes. */
const DEFAULTS: QueueLimits = { maxConcurrent: 20, maxWaiting: 1_000, timeoutSeconds: 120 };

export function createQueryQueue(settings: Partial<QueueLimits> = {}): QueryQueue {
  const limits = { ...DEFAULTS, ...settings };
  const waiting = new Set<() => void>();
  let running = 0;

  async function waitForTurn(): Promise<void> {
    if (running < limits.maxConcurrent) {
      running++;
      return;
    }
    if (waiting.size >= limits.maxWaiting) {
      throw createExecutionError(`too many queries are waiting: ${limits.maxWaiting}`);
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(take);
        reject(createTimeoutError("query queue"));
      }, limits.timeoutSeconds * 1_000).unref();
      // Whoever ends hands the place on, so that nobody can come between.
      const take = (): void => {
        clearTimeout(timer);
        waiting.delete(take);
        resolve();
      };
      waiting.add(take);
    });
  }

  function handOn(): void {
    const [next] = waiting;
    if (next === undefined) running--;
    else next();
  }

  return {
    async run(query) {
      await waitForTurn();
      try {
        return await query();
      } finally {
        handOn();
      }
    },
  };
}
