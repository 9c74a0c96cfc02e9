import type { Clock } from "../../kernel/clock.ts";

const WINDOW_MINUTES = 5;
/** Keeps a flood of forged addresses from filling the memory; the metric's help says so. */
const MAX_PER_MINUTE = 10_000;
const MINUTE_MS = 60_000;

/** Counts distinct client addresses over the last five minutes, in steps of a minute. */
export interface UniqueClients {
  add(address: string): void;
  /** The addresses seen. */
  list(): ReadonlySet<string>;
}

export function createUniqueClients(clock: Clock): UniqueClients {
  let minutes: { readonly minute: number; readonly addresses: Set<string> }[] = [];
  const current = (): number => Math.floor(clock.nowMs() / MINUTE_MS);

  return {
    add(address) {
      const minute = current();
      let newest = minutes.at(-1);
      if (newest?.minute !== minute) {
        newest = { minute, addresses: new Set() };
        // The clock may have been set back: minutes that lie ahead count as past, not for ever.
        minutes = [...minutes.slice(1 - WINDOW_MINUTES), newest];
      }
      if (newest.addresses.size < MAX_PER_MINUTE) newest.addresses.add(address);
    },
    list() {
      const oldest = current() - WINDOW_MINUTES;
      const recent = minutes.filter(({ minute }) => minute > oldest);
      return recent.reduce((all, { addresses }) => all.union(addresses), new Set<string>());
    },
  };
}
