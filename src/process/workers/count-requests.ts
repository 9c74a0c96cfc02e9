import { setTimeout as sleep } from "node:timers/promises";
import type { CountRequest, RateCount } from "../../http/limits/rate-count.ts";

/** A primary that does not answer for so long must not stop the service: requests then pass uncounted. */
const PATIENCE_MS = 500;
const UNCOUNTED: RateCount = { current: 0, ttl: 0 };

interface Waiting {
  readonly key: string;
  say(counted: RateCount): void;
}

/**
 * Counts requests at the primary: all of one turn of the event loop in one message.
 * @param ask counts one request for each key, in their order
 */
export function createRequestCounter(
  ask: (keys: readonly string[]) => Promise<readonly RateCount[]>,
): CountRequest {
  let turn: Waiting[] = [];

  async function askAtEndOfTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const asked = turn;
    turn = [];
    const patience = new AbortController();
    const { signal } = patience;
    const late = sleep(PATIENCE_MS, [], { signal, ref: false }).catch(() => []);
    const counted = ask(asked.map(({ key }) => key)).catch(() => []);
    const counts: readonly RateCount[] = await Promise.race([counted, late]);
    patience.abort();
    for (const [i, { say }] of asked.entries()) say(counts[i] ?? UNCOUNTED);
  }

  return (key, say) => {
    if (turn.push({ key, say }) === 1) void askAtEndOfTurn();
  };
}
