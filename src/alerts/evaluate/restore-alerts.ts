import { createMatcher } from "../../series/matcher.ts";
import { toLabelsKey, withoutName } from "../../series/labels.ts";
import { METRIC_NAME, type SeriesReader } from "../../series/series.ts";
import { FOR_STATE_METRIC, type AlertStates } from "./alert-states.ts";

/** State that is older is ignored (Prometheus: `rules.alert.for-outage-tolerance`). */
const OUTAGE_TOLERANCE_MS = 3_600_000;
/** Minimum wait of a restored alert before it fires. Rules with a shorter `for` are not restored (`rules.alert.for-grace-period`). */
const GRACE_MS = 600_000;

/**
 * Restores from ALERTS_FOR_STATE the time at which alerts became active before the process was restarted. The time without
 * evaluation does not count towards `for`. Prometheus does the same, with the same limits.
 */
export function restoreAlerts(states: AlertStates, reader: SeriesReader, nowMs: number): void {
  const { rule, alerts } = states;
  states.restored = true;
  if (rule.forMs < GRACE_MS || alerts.size === 0) return;
  const known = readForState(reader, rule.name, nowMs);
  for (const [key, alert] of alerts) {
    const last = known.get(key);
    if (last === undefined) continue;
    const activeAtMs = Math.trunc(last.activeAtSeconds) * 1_000;
    const downAtMs = Math.floor(last.timeMs / 1_000) * 1_000;
    const remainingMs = rule.forMs - (downAtMs - activeAtMs);
    if (remainingMs <= 0) alert.activeAtMs = activeAtMs;
    else if (remainingMs < GRACE_MS) alert.activeAtMs = nowMs + GRACE_MS - rule.forMs;
    else alert.activeAtMs = activeAtMs + (nowMs - downAtMs);
  }
}

interface LastForState {
  readonly timeMs: number;
  readonly activeAtSeconds: number;
}

/** Reads the last ALERTS_FOR_STATE of each alert of a rule that was active when the previous process ended, by labels. */
function readForState(
  reader: SeriesReader,
  alertname: string,
  nowMs: number,
): ReadonlyMap<string, LastForState> {
  const matchers = [
    createMatcher(METRIC_NAME, "=", FOR_STATE_METRIC),
    createMatcher("alertname", "=", alertname),
  ];
  const fromMs = nowMs - OUTAGE_TOLERANCE_MS;
  const last = new Map<string, LastForState>();
  for (const { labels, times, values, stale } of reader.select(matchers, fromMs, nowMs)) {
    const i = times.findLastIndex((time) => time <= nowMs);
    if (i < 0 || times[i]! < fromMs || stale?.[i] === 1) continue;
    last.set(toLabelsKey(withoutName(labels)), { timeMs: times[i]!, activeAtSeconds: values[i]! });
  }
  return last;
}
