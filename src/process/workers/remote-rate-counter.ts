import { setTimeout as sleep } from "node:timers/promises";
import type { CountRequest, RateCount } from "../../http/limits/rate-count.ts";

/** A primary that is slower than this must not stop the service: requests then pass uncounted. */
const TIMEOUT_MS = 500;
const UNCOUNTED: RateCount = { current: 0, ttl: 0 };

interface Waiting {
  readonly key: string;
  count(counted: RateCount): void;
}

/**
 * Counts a worker's requests at the primary, all of one turn of the event loop in one message.
 * @param count counts one request for each key, in order
 */
export function createRemoteRateCounter(
  count: (keys: readonly string[]) => Promise<readonly RateCount[]>,
): CountRequest {
  let turn: Waiting[] = [];

  async function countAtEndOfTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const requests = turn;
    turn = [];
    const timeout = new AbortController();
    const { signal } = timeout;
    const late = sleep(TIMEOUT_MS, [], { signal, ref: false }).catch(() => []);
    const counted = count(requests.map(({ key }) => key)).catch(() => []);
    const counts: readonly RateCount[] = await Promise.race([counted, late]);
    timeout.abort();
    for (const [i, request] of requests.entries()) request.count(counts[i] ?? UNCOUNTED);
  }

  return (key) =>
    new Promise((resolve) => {
      if (turn.push({ key, count: resolve }) === 1) void countAtEndOfTurn();
    });
}
