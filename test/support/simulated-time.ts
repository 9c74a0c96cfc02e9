import type { Clock } from "../../src/kernel/clock.ts";
import type { Scheduler } from "../../src/load/generator/scheduler.ts";

/** Time that advances only in `runUntil`, and does not advance while callbacks run. */
export interface SimulatedTime extends Scheduler {
  readonly clock: Clock;
  /** Advances to a second and runs all callbacks that are due until then, in order. */
  runUntil(seconds: number): Promise<void>;
}

export function createSimulatedTime(): SimulatedTime {
  let now = 0;
  let order = 0;
  const waiting = new Map<number, { readonly at: number; readonly callback: () => void }>();

  return {
    clock: { nowMs: () => now * 1_000, monotonicSeconds: () => now },
    now: () => now,
    after(seconds, callback) {
      order += 1;
      const id = order;
      waiting.set(id, { at: now + seconds, callback });
      return { cancel: () => void waiting.delete(id) };
    },
    async runUntil(end) {
      for (;;) {
        // Reactions of promises run before callbacks that are due later.
        await new Promise(setImmediate);
        const [next] = [...waiting].toSorted(([i, a], [j, b]) => a.at - b.at || i - j);
        if (next === undefined || next[1].at > end) break;
        waiting.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].callback();
      }
      now = end;
    },
  };
}
