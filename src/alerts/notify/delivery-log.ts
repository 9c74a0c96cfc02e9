import type { AlertingLog } from "../alerts.ts";
import type { Outcome } from "./receiver.ts";

/** The last attempt to send a message to a receiver. */
export interface LastDelivery {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Empty if the receiver accepted the message. */
  readonly error: string;
}

/** Logs when deliveries to a receiver start to fail, and when they succeed again; nothing in between. Keeps the last attempt. */
export class DeliveryLog {
  readonly #log: AlertingLog;
  readonly #receiver: string;
  #failing = false;
  /** Undefined before the first attempt. */
  last: LastDelivery | undefined;

  /** @param receiver names it in messages: `webhook at http://host` */
  constructor(log: AlertingLog, receiver: string) {
    this.#log = log;
    this.#receiver = receiver;
  }

  record(outcome: Outcome, nowMs: number): void {
    this.last = { atMs: nowMs, error: outcome.kind === "accepted" ? "" : outcome.reason };
    if (outcome.kind === "accepted") {
      if (this.#failing) this.#log.info(`The ${this.#receiver} accepts alerts again`);
      this.#failing = false;
      return;
    }
    if (!this.#failing) {
      this.#log.error(
        outcome.kind === "failed"
          ? `Cannot send alerts to the ${this.#receiver} (${outcome.reason}); retrying`
          : `The ${this.#receiver} rejected alerts (${outcome.reason}); they are dropped`,
      );
    }
    this.#failing = true;
  }
}
