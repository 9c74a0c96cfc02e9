import type { Labels } from "../../series/series.ts";
import type { FingerprintedNotification } from "./payload.ts";

/** The notifications of a group at one time, as one message reports them. */
export interface Snapshot {
  /** Without silenced alerts. */
  readonly all: readonly FingerprintedNotification[];
  /** All resolved alerts, also silenced ones. */
  readonly resolved: readonly FingerprintedNotification[];
  /** Fingerprints of firing alerts. */
  readonly firingKeys: ReadonlySet<string>;
  /** Fingerprints of resolved alerts. */
  readonly resolvedKeys: ReadonlySet<string>;
}

/** Alerts that are sent in one message. Seconds are of the monotonic clock. */
export class NotificationGroup {
  readonly labels: Labels;
  /** By fingerprint. */
  readonly notifications = new Map<string, FingerprintedNotification>();
  dueSeconds: number;
  /** True after the group was due for the first time. */
  flushed = false;
  sending = false;
  /** Consecutive failures to send. */
  failures = 0;
  /** The last snapshot that the receiver accepted; undefined before the first one. */
  #sent:
    | (Pick<Snapshot, "firingKeys" | "resolvedKeys"> & { readonly atSeconds: number })
    | undefined;

  constructor(labels: Labels, dueSeconds: number) {
    this.labels = labels;
    this.dueSeconds = dueSeconds;
  }

  takeSnapshot(nowMs: number, isSilenced: (labels: Labels) => boolean = () => false): Snapshot {
    const resolved = [...this.notifications.values()].filter(({ endsAtMs }) => endsAtMs <= nowMs);
    const all = [...this.notifications.values()].filter(({ labels }) => !isSilenced(labels));
    const listKeys = (isResolved: boolean): ReadonlySet<string> =>
      new Set(
        all
          .filter(({ endsAtMs }) => endsAtMs <= nowMs === isResolved)
          .map(({ fingerprint }) => fingerprint),
      );
    return { all, resolved, firingKeys: listKeys(false), resolvedKeys: listKeys(true) };
  }

  /** Returns true if the snapshot has something that the receiver does not know, or the repeat interval has passed. */
  mustSend(
    { firingKeys, resolvedKeys }: Snapshot,
    nowSeconds: number,
    repeatSeconds: number,
  ): boolean {
    const sent = this.#sent;
    if (firingKeys.size + resolvedKeys.size === 0) return false;
    if (sent === undefined) return firingKeys.size > 0;
    if (!firingKeys.isSubsetOf(sent.firingKeys)) return true;
    // Alerts that started and ended since the last message are not reported.
    if (firingKeys.size === 0) return sent.firingKeys.size > 0;
    if (!resolvedKeys.isSubsetOf(sent.resolvedKeys)) return true;
    return nowSeconds - sent.atSeconds > repeatSeconds;
  }

  setSent({ firingKeys, resolvedKeys }: Snapshot, atSeconds: number): void {
    this.#sent = { firingKeys, resolvedKeys, atSeconds };
  }

  /** Returns the alerts that the receiver holds for firing. */
  reported(): FingerprintedNotification[] {
    return Array.from(this.#sent?.firingKeys ?? [], (key) => this.notifications.get(key)).filter(
      (one) => one !== undefined,
    );
  }

  /** Removes the resolved alerts of a snapshot, except those that changed since. @returns their number */
  removeResolved({ resolved }: Snapshot): number {
    let removed = 0;
    for (const notification of resolved) {
      const { fingerprint } = notification;
      if (this.notifications.get(fingerprint) !== notification) continue;
      this.notifications.delete(fingerprint);
      removed += 1;
    }
    return removed;
  }

  /** Removes one resolved alert. @returns false if there is none */
  removeOneResolved(nowMs: number): boolean {
    for (const [fingerprint, { endsAtMs }] of this.notifications) {
      if (endsAtMs <= nowMs) return this.notifications.delete(fingerprint);
    }
    return false;
  }
}
