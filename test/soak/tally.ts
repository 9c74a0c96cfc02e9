/** The replies to the clients of a soak. */
export interface Tally {
  /** Complete replies by status; the server counts each of them. */
  readonly replies: Map<number, number>;
  /** Requests that the client abandoned: the server may count them under any status, or not at all. */
  vanished: number;
  /** Requests that were lost with a killed process. */
  lost: number;
  /** Problems, and how often each occurred. */
  readonly problems: Map<string, number>;
}

export function createTally(): Tally {
  return { replies: new Map(), vanished: 0, lost: 0, problems: new Map() };
}

export function addOne<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function countReplies({ replies }: Tally): number {
  return [...replies.values()].reduce((sum, count) => sum + count, 0);
}
