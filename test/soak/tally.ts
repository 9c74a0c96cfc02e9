/** What the clients of a soak sent and got. */
export interface Tally {
  /** Whole replies with the status that they must have, by status; the server counts each of them so. */
  readonly replies: Map<number, number>;
  /** Requests whose end the client did not wait for: the server may count them under any status, or not at all. */
  vanished: number;
  /** Requests that were lost with a process that was killed on purpose. */
  lost: number;
  /** What must not be, by what it is, and how often. */
  readonly faults: Map<string, number>;
}

export function createTally(): Tally {
  return { replies: new Map(), vanished: 0, lost: 0, faults: new Map() };
}

export function addOne<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function countReplies({ replies }: Tally): number {
  return [...replies.values()].reduce((sum, count) => sum + count, 0);
}
