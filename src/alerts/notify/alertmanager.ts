import type { Clock } from "../../kernel/clock.ts";
import { toLabelsKey } from "../../series/labels.ts";
import type { AlertingLog, Notice, Notifier } from "../alerts.ts";
import { formatGoTime } from "../time.ts";
import { toBackOffSeconds } from "./back-off.ts";
import type { Endpoint, Outcome } from "./endpoint.ts";

/** Of its API v2; where alerts go, behind the address. */
export const ALERTS_PATH = "/api/v2/alerts";
const BATCH = 64;
const MAX_WAITING = 10_000;

/**
 * Hands alerts over to an Alertmanager, which groups, silences, routes and repeats. Of each alert the newest state waits to be
 * sent; what fires is told again each minute by the evaluation, so that an Alertmanager that was restarted knows it soon.
 */
export class AlertmanagerNotifier implements Notifier {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #log: AlertingLog;
  /** By labels, those that have waited for longest first. */
  readonly #waiting = new Map<string, Notice>();
  #retrySeconds = -Infinity;
  #failuresInRow = 0;
  #sending = false;
  #sent = 0;
  #failures = 0;
  #dropped = 0;
  #closed = false;

  constructor(endpoint: Endpoint, clock: Clock, log: AlertingLog) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#log = log;
  }

  take(notices: readonly Notice[]): void {
    for (const notice of notices) {
      this.#waiting.set(toLabelsKey(notice.labels), notice);
      if (this.#waiting.size <= MAX_WAITING) continue;
      const { value: oldest } = this.#waiting.keys().next();
      if (oldest !== undefined) this.#waiting.delete(oldest);
      this.#dropped += 1;
    }
  }

  tick(): void {
    const early = this.#clock.monotonicSeconds() < this.#retrySeconds;
    if (this.#closed || this.#sending || early || this.#waiting.size === 0) return;
    void this.#sendAll();
  }

  counts() {
    return {
      sent: this.#sent,
      send_failures: this.#failures,
      dropped: this.#dropped,
      sending: Number(this.#sending),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endpoint.close();
  }

  /** Until nothing waits, or a batch does not get through. */
  async #sendAll(): Promise<void> {
    this.#sending = true;
    while (this.#waiting.size > 0 && !this.#closed) {
      const batch = [...this.#waiting].slice(0, BATCH);
      const body = JSON.stringify(batch.map(([, notice]) => toPostable(notice)));
      const outcome = await this.#endpoint.post(body);
      if (this.#closed) return;
      if (outcome.kind !== "failed") {
        for (const [key, notice] of batch) {
          if (this.#waiting.get(key) === notice) this.#waiting.delete(key);
        }
      }
      this.#settle(outcome, batch.length);
      if (outcome.kind === "failed") break;
    }
    this.#sending = false;
  }

  #settle(outcome: Outcome, alerts: number): void {
    const { shown } = this.#endpoint;
    if (outcome.kind === "taken") {
      this.#sent += 1;
      if (this.#failuresInRow > 0)
        this.#log.info(`alerts reach the Alertmanager at ${shown} again`);
      this.#failuresInRow = 0;
      return;
    }
    this.#failures += 1;
    if (this.#failuresInRow === 0) {
      this.#log.error(
        `alerts do not reach the Alertmanager at ${shown}: ${outcome.reason}; it is tried again`,
      );
    }
    this.#failuresInRow += 1;
    if (outcome.kind === "refused") this.#dropped += alerts;
    else
      this.#retrySeconds = this.#clock.monotonicSeconds() + toBackOffSeconds(this.#failuresInRow);
  }
}

function toPostable({ labels, annotations, startsAtMs, endsAtMs, generatorUrl }: Notice) {
  return {
    labels: Object.fromEntries(labels),
    annotations: Object.fromEntries(annotations),
    startsAt: formatGoTime(startsAtMs),
    endsAt: formatGoTime(endsAtMs),
    generatorURL: generatorUrl,
  };
}
