import type { AlertStates } from "./alert-states.ts";
import type { Alert, Notice } from "../alerts.ts";
import type { RuleContext } from "./rule-query.ts";
import { escapeQuery } from "../templates/functions.ts";

/** How often is told again of what has not changed: a receiver may have lost it. */
const RESEND_MS = 60_000;
/** How many times in a row may be lost before an alert is taken to be over. */
const LOST_TIMES = 4;

/** What is to be told of a rule's alerts at a time; marks it as told. */
export function collectNotices(
  { alerts, rule }: AlertStates,
  intervalMs: number,
  timeMs: number,
  { externalUrl, externalLabels }: RuleContext,
): readonly Notice[] {
  const notices: Notice[] = [];
  for (const alert of alerts.values()) {
    if (!isToBeTold(alert, timeMs)) continue;
    alert.lastSentAtMs = timeMs;
    notices.push({
      // An alert's own labels count before those of the server.
      labels:
        externalLabels.size === 0 ? alert.labels : new Map([...externalLabels, ...alert.labels]),
      annotations: alert.annotations,
      startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
      endsAtMs: alert.resolvedAtMs ?? timeMs + LOST_TIMES * Math.max(RESEND_MS, intervalMs),
      generatorUrl: `${externalUrl}/graph?g0.expr=${escapeQuery(rule.query)}&g0.tab=1`,
    });
  }
  return notices;
}

function isToBeTold({ state, resolvedAtMs, lastSentAtMs }: Alert, timeMs: number): boolean {
  if (state === "pending") return false;
  if (lastSentAtMs === undefined) return true;
  if (resolvedAtMs !== undefined && resolvedAtMs > lastSentAtMs) return true;
  // Also when the clock was put back.
  return Math.abs(timeMs - lastSentAtMs) > RESEND_MS;
}
