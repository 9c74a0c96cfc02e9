import type { Labels, MatrixSeries } from "../prometheus/client.ts";
import type { AlertState, Rule } from "./alert-types.ts";

/** A time in which an alert had one state. */
export interface Span {
  readonly state: Exclude<AlertState, "inactive">;
  readonly fromMs: number;
  readonly toMs: number;
  /** True if it lasts until the end of the history. */
  readonly isOpen: boolean;
}

export interface AlertTimeline {
  /** Without `__name__` and `alertstate`. */
  readonly labels: Labels;
  /** By start. */
  readonly spans: readonly Span[];
}

export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** Distance of the points. */
  readonly stepMs: number;
}

const DAY_MS = 86_400_000;
/** A day in steps of 30 s. */
const MAX_POINTS = 2_880;

/**
 * Returns the last day, or all of a shorter history, in steps in which a rule is evaluated at least once.
 * @param startMs start of the history, if it is known
 */
export function toHistoryRange(nowMs: number, intervalSeconds = 0, startMs = 0): HistoryRange {
  const spanMs = Math.min(DAY_MS, nowMs - startMs);
  // Prometheus evaluates at fixed times; a step of twice the interval always has one.
  const stepMs = Math.max(Math.ceil(spanMs / MAX_POINTS / 1_000), 2 * intervalSeconds, 1) * 1_000;
  const toMs = Math.ceil(nowMs / stepMs) * stepMs;
  return { fromMs: toMs - Math.ceil(spanMs / stepMs) * stepMs, toMs, stepMs };
}

/** Returns the expression whose points state if an alert had a state in the step before. */
export function toHistoryQuery(
  { name, labels = {} }: Pick<Rule, "name" | "labels">,
  { stepMs }: HistoryRange,
): string {
  // Several rules may have one name: their labels differ. A template has another value for each alert.
  const fixed = Object.entries(labels).filter(([, value]) => !value.includes("{{"));
  const matchers = [["alertname", name], ...fixed].map(
    ([label, value]) => `${label}=${JSON.stringify(value)}`,
  );
  return `max_over_time(ALERTS{${matchers.join(",")}}[${stepMs / 1_000}s])`;
}

/** Turns series of ALERTS into the timeline of each alert, by labels. */
export function toTimelines(
  series: readonly MatrixSeries[],
  { toMs, stepMs }: HistoryRange,
): readonly AlertTimeline[] {
  const timelines = new Map<string, { labels: Labels; spans: Span[] }>();
  for (const { metric, values } of series) {
    const { __name__: _name, alertstate, ...labels } = metric;
    if (alertstate !== "firing" && alertstate !== "pending") continue;
    const key = toKey(labels);
    const timeline = timelines.get(key) ?? { labels, spans: [] };
    timelines.set(key, timeline);
    timeline.spans.push(
      ...toSpans(
        values.map(([seconds]) => seconds * 1_000),
        alertstate,
        toMs,
        stepMs,
      ),
    );
  }
  return Array.from(timelines.values(), ({ labels, spans }) => ({
    labels,
    spans: spans.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs),
  }));
}

/** Joins points that follow each other. A point covers the step before it. */
function toSpans(
  times: readonly number[],
  state: Span["state"],
  endMs: number,
  stepMs: number,
): readonly Span[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (const timeMs of times) {
    const last = spans.at(-1);
    if (last !== undefined && timeMs - last.toMs <= stepMs * 1.5) last.toMs = timeMs;
    else spans.push({ fromMs: timeMs - stepMs, toMs: timeMs });
  }
  return spans.map((span) => ({ ...span, state, isOpen: span.toMs >= endMs - stepMs }));
}

/** Returns the same key for the same labels in any order. */
export function toKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
