import { createLabels, toLabelsKey } from "../../series/labels.ts";
import type { Notification } from "../notify/notifier.ts";
import type { Alert } from "./alert.ts";
import type { RuleGroup } from "./group.ts";

/** A rule may need the series of other rules, which are recorded at the first evaluation. */
const MIN_EVALUATIONS = 2;

/**
 * The alerts that receivers hold for firing since a previous process. One that does not fire any more has ended during the restart, and
 * has to be resolved: nothing else would report its end.
 */
export class EarlierAlerts {
  readonly #waiting: Map<string, Notification>;
  readonly #externalLabels: ReadonlyMap<string, string>;

  constructor(notifications: Iterable<Notification>, externalLabels: ReadonlyMap<string, string>) {
    this.#waiting = new Map(Array.from(notifications, (one) => [toKey(one.labels), one]));
    this.#externalLabels = externalLabels;
  }

  /**
   * Returns the notifications of the alerts that have ended, each once. An alert that is pending waits; one that fires is the
   * evaluator's from then on.
   *
   * @param isSettled false while rules may lack samples that were taken since the start
   */
  settle(groups: readonly RuleGroup[], nowMs: number, isSettled: boolean): Notification[] {
    const ended: Notification[] = [];
    for (const [key, notification] of this.#waiting) {
      const state = this.#find(groups, key, notification);
      if (state === "firing") this.#waiting.delete(key);
      else if (state === "ended" && isSettled) {
        this.#waiting.delete(key);
        ended.push({ ...notification, endsAtMs: nowMs });
      }
    }
    return ended;
  }

  #find(
    groups: readonly RuleGroup[],
    key: string,
    { labels }: Notification,
  ): "firing" | "pending" | "unknown" | "ended" {
    let isUnknown = false;
    for (const group of groups) {
      for (const { alerts, rule, health } of group.rules) {
        if (alerts === null || rule.name !== labels.get("alertname")) continue;
        for (const alert of alerts.alerts.values()) {
          if (alert.state !== "inactive" && this.#toKey(alert) === key) return alert.state;
        }
        // A rule that fails states nothing about its alerts.
        const isEvaluated = group.evaluations >= MIN_EVALUATIONS * group.rules.length;
        if (!isEvaluated || health !== "ok") isUnknown = true;
      }
    }
    return isUnknown ? "unknown" : "ended";
  }

  #toKey({ labels }: Alert): string {
    return toKey(new Map([...this.#externalLabels, ...labels]));
  }
}

/** Independent of the order of the labels, which a file does not keep. */
function toKey(labels: ReadonlyMap<string, string>): string {
  return toLabelsKey(createLabels(labels));
}
