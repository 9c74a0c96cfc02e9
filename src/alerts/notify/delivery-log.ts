import type { AlertingLog } from "../alerts.ts";
import type { Outcome } from "./receiver.ts";

/** Logs when deliveries to a receiver start to fail, and when they succeed again; nothing in between. */
export class DeliveryLog {
  readonly #log: AlertingLog;
  readonly #receiver: string;
  #failing = false;

  /** @param receiver names it in messages: `webhook at http://host` */
  constructor(log: AlertingLog, receiver: string) {
    this.#log = log;
    this.#receiver = receiver;
  }

  record(outcome: Outcome): void {
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
