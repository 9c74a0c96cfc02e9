import type { Clock } from "../../kernel/clock.ts";
import { toLabelsKey } from "../../series/labels.ts";
import { matchesAll } from "../../series/matcher.ts";
import type { Labels, Matcher } from "../../series/series.ts";
import type { AlertingLog, Notice, Notifier } from "../alerts.ts";
import { toBackOffSeconds } from "./back-off.ts";
import type { Endpoint, Outcome } from "./endpoint.ts";
import { toFingerprint } from "./fingerprint.ts";
import { createPayload, type FingerprintedNotice } from "./payload.ts";
import { createSlackMessage } from "./slack.ts";

export interface WebhookOptions {
  readonly format: "alertmanager" | "slack";
  /** Alerts that have all of these are told; an empty list is all alerts. */
  readonly matchers: readonly Matcher[];
  /** Labels by which alerts are put together; `...` is by all. */
  readonly groupBy: readonly string[];
  /** How long a new group waits for others of its kind. */
  readonly groupWaitSeconds: number;
  /** How long a group that has been told waits before it tells of a change. */
  readonly groupIntervalSeconds: number;
  /** How long until it is told again that nothing has changed. */
  readonly repeatIntervalSeconds: number;
  /** Of this server. */
  readonly externalUrl: string;
}

/** Alerts that are told together. Seconds are of the monotonic clock. */
interface Group {
  readonly labels: Labels;
  /** By fingerprint. */
  readonly notices: Map<string, FingerprintedNotice>;
  dueSeconds: number;
  /** What the receiver knows; undefined when it has been told nothing. */
  told: Told | undefined;
  flushed: boolean;
  sending: boolean;
  failures: number;
}

interface Told {
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  readonly atSeconds: number;
}

const MAX_NOTICES = 10_000;
/** Messages at once to one receiver. */
const MAX_SENDING = 4;

/**
 * Tells one receiver of alerts, in groups, as Alertmanager's first route would: the same waits, the same reasons to tell, the
 * same message. What cannot be sent is tried again with growing pauses, each time as things are by then.
 */
export class WebhookNotifier implements Notifier {
  readonly #endpoint: Endpoint;
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #log: AlertingLog;
  readonly #groups = new Map<string, Group>();
  #notices = 0;
  #sending = 0;
  #sent = 0;
  #failures = 0;
  #dropped = 0;
  #failing = false;
  #closed = false;

  constructor(endpoint: Endpoint, options: WebhookOptions, clock: Clock, log: AlertingLog) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  take(notices: readonly Notice[], nowMs: number): void {
    for (const notice of notices) {
      if (!matchesAll(this.#options.matchers, notice.labels)) continue;
      const labels = this.#toGroupLabels(notice.labels);
      const key = toLabelsKey(labels);
      const fingerprint = toFingerprint(notice.labels);
      const group = this.#groups.get(key);
      const known = group?.notices.has(fingerprint) ?? false;
      // What is over and not known any more has been told.
      if (!known && notice.endsAtMs <= nowMs) continue;
      if (!known && !this.#makeRoom(nowMs)) continue;
      if (!known) this.#notices += 1;
      const into = group ?? this.#open(key, labels);
      into.notices.set(fingerprint, { ...notice, fingerprint });
      const waitedMs = nowMs - notice.startsAtMs;
      if (!into.flushed && waitedMs > this.#options.groupWaitSeconds * 1_000)
        into.dueSeconds = -Infinity;
    }
  }

  tick(): void {
    if (this.#closed) return;
    const now = this.#clock.monotonicSeconds();
    for (const [key, group] of this.#groups) {
      if (this.#sending >= MAX_SENDING) return;
      if (group.sending || now < group.dueSeconds) continue;
      group.flushed = true;
      group.dueSeconds = now + this.#options.groupIntervalSeconds;
      void this.#flush(key, group);
    }
  }

  counts() {
    return {
      sent: this.#sent,
      send_failures: this.#failures,
      dropped: this.#dropped,
      sending: this.#sending,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endpoint.close();
  }

  #open(key: string, labels: Labels): Group {
    const group: Group = {
      labels,
      notices: new Map(),
      dueSeconds: this.#clock.monotonicSeconds() + this.#options.groupWaitSeconds,
      told: undefined,
      flushed: false,
      sending: false,
      failures: 0,
    };
    this.#groups.set(key, group);
    return group;
  }

  #toGroupLabels(labels: Labels): Labels {
    const { groupBy } = this.#options;
    if (groupBy.includes("...")) return labels;
    return new Map([...labels].filter(([name]) => groupBy.includes(name)));
  }

  async #flush(key: string, group: Group): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const flushed = [...group.notices.values()];
    const over = flushed.filter(({ endsAtMs }) => endsAtMs <= nowMs);
    const resolved = new Set(over.map(({ fingerprint }) => fingerprint));
    const firing = new Set(
      group.notices.keys().filter((fingerprint) => !resolved.has(fingerprint)),
    );
    const now = this.#clock.monotonicSeconds();
    if (isNews(group.told, firing, resolved, now, this.#options.repeatIntervalSeconds)) {
      group.sending = true;
      this.#sending += 1;
      const outcome = await this.#endpoint.post(this.#write(flushed, group, nowMs));
      group.sending = false;
      this.#sending -= 1;
      if (this.#closed) return;
      if (!this.#settle(outcome, group)) return;
      group.told = { firing, resolved, atSeconds: now };
    }
    for (const notice of over) {
      // It may be back by now.
      if (group.notices.get(notice.fingerprint) !== notice) continue;
      group.notices.delete(notice.fingerprint);
      this.#notices -= 1;
    }
    if (group.notices.size === 0) this.#groups.delete(key);
  }

  #write(notices: readonly FingerprintedNotice[], { labels }: Group, nowMs: number): string {
    const payload = createPayload(notices, labels, nowMs, this.#options.externalUrl);
    return JSON.stringify(this.#options.format === "slack" ? createSlackMessage(payload) : payload);
  }

  /** @returns whether the message was taken */
  #settle(outcome: Outcome, group: Group): boolean {
    const { shown } = this.#endpoint;
    if (outcome.kind === "taken") {
      this.#sent += 1;
      group.failures = 0;
      if (this.#failing) this.#log.info(`alerts reach the webhook at ${shown} again`);
      this.#failing = false;
      return true;
    }
    this.#failures += 1;
    group.failures += 1;
    if (outcome.kind === "failed") {
      group.dueSeconds = this.#clock.monotonicSeconds() + toBackOffSeconds(group.failures);
    } else {
      this.#dropped += 1;
    }
    if (!this.#failing) {
      this.#log.error(
        `alerts do not reach the webhook at ${shown}: ${outcome.reason}; it is tried again`,
      );
    }
    this.#failing = true;
    return false;
  }

  /** Whether there is place for one more alert; of many that wait for a receiver, one that is over goes first. */
  #makeRoom(nowMs: number): boolean {
    if (this.#notices < MAX_NOTICES) return true;
    this.#dropped += 1;
    for (const group of this.#groups.values()) {
      for (const [fingerprint, { endsAtMs }] of group.notices) {
        if (endsAtMs > nowMs) continue;
        group.notices.delete(fingerprint);
        this.#notices -= 1;
        return true;
      }
    }
    return false;
  }
}

/** Whether there is anything that the receiver does not know. */
function isNews(
  told: Told | undefined,
  firing: ReadonlySet<string>,
  resolved: ReadonlySet<string>,
  nowSeconds: number,
  repeatSeconds: number,
): boolean {
  if (told === undefined) return firing.size > 0;
  if (!firing.isSubsetOf(told.firing)) return true;
  // Nobody was told of what began and ended since the last message.
  if (firing.size === 0) return told.firing.size > 0;
  if (!resolved.isSubsetOf(told.resolved)) return true;
  return nowSeconds - told.atSeconds > repeatSeconds;
}
