import { formatDayTime, formatSpan, formatTime } from "../lib/format.ts";
import type { AlertTimeline, HistoryRange, Span } from "./alert-history.ts";
import { toKey } from "./alert-history.ts";
import { toPairs } from "./rule-list.ts";
import type { ListedRule } from "./rule-list.ts";

interface Props {
  readonly listed: ListedRule;
  readonly timelines: readonly AlertTimeline[];
  readonly range: HistoryRange;
  /** Start of the history. */
  readonly startMs: number | undefined;
}

const WIDTH = 1_000;
const HEIGHT = 18;

/** The last day of each alert of a rule: a strip, and the same as a table. */
export function Timelines({ listed, timelines, range, startMs }: Props) {
  const active = new Set(listed.alerts.map(({ labels }) => toKey(labels)));
  const nowMs = Date.now();
  if (timelines.length === 0) {
    return (
      <p class="muted">No alert of this rule was pending or firing {toPeriod(startMs, nowMs)}.</p>
    );
  }
  const step = formatSpan(range.stepMs / 1_000);
  return (
    <div class="alert-timelines">
      <p class="muted">
        The states {toPeriod(startMs, nowMs)}. Times are exact to {step}.
      </p>
      {timelines.map(({ labels, spans }) => {
        const isActive = active.has(toKey(labels));
        const { alertname: _name, ...rest } = labels;
        const title = toPairs(rest).join(", ");
        return (
          <figure key={toKey(labels)} class="alert-timeline">
            {title !== "" && <figcaption class="mono">{title}</figcaption>}
            <Strip spans={spans} range={range} />
            <div class="alert-timeline-ends" aria-hidden="true">
              <span>{formatDayTime(range.fromMs, nowMs)}</span>
              <span>now</span>
            </div>
            <table class="alert-spans">
              <caption class="visually-hidden">Times of {title || labels["alertname"]}</caption>
              <thead>
                <tr>
                  <th scope="col">State</th>
                  <th scope="col">From</th>
                  <th scope="col">Until</th>
                  <th scope="col">Duration</th>
                </tr>
              </thead>
              <tbody>
                {spans.toReversed().map((span) => (
                  <Row key={`${span.state} ${span.fromMs}`} {...{ span, isActive, nowMs }} />
                ))}
              </tbody>
            </table>
          </figure>
        );
      })}
    </div>
  );
}

function toPeriod(startMs: number | undefined, nowMs: number): string {
  const isShort = startMs !== undefined && nowMs - startMs < 86_400_000;
  return isShort ? `since ${formatTime(startMs)}, when the history begins` : "in the last 24 hours";
}

interface StripProps {
  readonly spans: readonly Span[];
  readonly range: HistoryRange;
}

/** Decorative: the table beside it has the same times. */
function Strip({ spans, range: { fromMs, toMs } }: StripProps) {
  const toX = (timeMs: number): number =>
    Math.max(0, Math.min(1, (timeMs - fromMs) / (toMs - fromMs))) * WIDTH;
  return (
    <svg
      class="alert-strip"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="is-known" width={WIDTH} height={HEIGHT} />
      {spans.map(({ state, fromMs: from, toMs: to }) => (
        <rect
          key={`${state} ${from}`}
          class={`is-${state}`}
          x={toX(from)}
          // Short ones stay visible.
          width={Math.max(4, toX(to) - toX(from))}
          height={HEIGHT}
        />
      ))}
    </svg>
  );
}

interface RowProps {
  readonly span: Span;
  readonly isActive: boolean;
  readonly nowMs: number;
}

function Row({ span: { state, fromMs, toMs, isOpen }, isActive, nowMs }: RowProps) {
  const lasts = isOpen && isActive;
  const endMs = Math.min(toMs, nowMs);
  return (
    <tr>
      <th scope="row">
        <span class={`alert-state is-${state}`}>{state}</span>
      </th>
      <td>{formatDayTime(fromMs, nowMs)}</td>
      <td>{lasts ? "now" : formatDayTime(endMs, nowMs)}</td>
      <td>{formatSpan(Math.max(0, Math.round((endMs - fromMs) / 1_000)))}</td>
    </tr>
  );
}
