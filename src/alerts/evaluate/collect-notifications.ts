import type { Notification } from "../notify/notifier.ts";
import { escapeQuery } from "../templates/escape.ts";
import type { AlertStates } from "./alert-states.ts";
import type { Alert } from "./alert.ts";
import type { RuleContext } from "./rule-query.ts";

/** Unchanged alerts are sent again after this time: a receiver may have lost them. */
const RESEND_MS = 60_000;
/** Receivers resolve a firing alert after this many missed notifications. */
const MISSED_NOTIFICATIONS = 4;

/** Returns the time at which receivers resolve an alert that is not repeated. */
export function toEndMs(timeMs: number, intervalMs: number): number {
  return timeMs + MISSED_NOTIFICATIONS * Math.max(RESEND_MS, intervalMs);
}

/** Returns the URL of a rule's expression. */
export function toGeneratorUrl(externalUrl: string, query: string): string {
  return `${externalUrl}/graph?g0.expr=${escapeQuery(query)}&g0.tab=1`;
}

/** Returns the notifications of a rule's alerts that are due, and marks them as sent. */
export function collectNotifications(
  { alerts, rule }: AlertStates,
  intervalMs: number,
  timeMs: number,
  { externalUrl, externalLabels }: RuleContext,
): readonly Notification[] {
  const notifications: Notification[] = [];
  for (const alert of alerts.values()) {
    if (!isDue(alert, timeMs)) continue;
    alert.lastSentAtMs = timeMs;
    notifications.push({
      // An alert's own labels override external labels.
      labels:
        externalLabels.size === 0 ? alert.labels : new Map([...externalLabels, ...alert.labels]),
      annotations: alert.annotations,
      startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
      endsAtMs: alert.resolvedAtMs ?? toEndMs(timeMs, intervalMs),
      generatorUrl: toGeneratorUrl(externalUrl, rule.query),
    });
  }
  return notifications;
}

function isDue({ state, resolvedAtMs, lastSentAtMs }: Alert, timeMs: number): boolean {
  if (state === "pending") return false;
  if (lastSentAtMs === undefined) return true;
  if (resolvedAtMs !== undefined && resolvedAtMs > lastSentAtMs) return true;
  // Also if the clock was set back.
  return Math.abs(timeMs - lastSentAtMs) > RESEND_MS;
}
