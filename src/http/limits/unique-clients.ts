import type { Clock } from "../../kernel/clock.ts";

const WINDOW_MINUTES = 5;
/** Keeps a flood of forged IP addresses from filling the memory. The metric's help states it. */
const MAX_PER_MINUTE = 10_000;
const MINUTE_MS = 60_000;

/** Counts distinct IP addresses of clients over the last five minutes, in steps of a minute. */
export interface UniqueClients {
  add(address: string): void;
  /** Returns the IP addresses of the last five minutes. */
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
        // The wall clock may have been set back: minutes in the future count as past ones, so that they expire.
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
