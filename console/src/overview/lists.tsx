import type { ComponentChildren } from "preact";
import { formatDateTime, formatTime } from "../lib/format.ts";
import { toExploreFragment } from "../explore/explore-place.ts";
import { findChanges, isComparable, type Change } from "./changes.ts";
import { toPanelLink } from "./links.ts";
import type { Past } from "./load-overview.ts";
import type { OverviewNumber } from "./numbers.ts";

const MEMORY = "sum(process_resident_memory_bytes)";
const LISTED = 8;
const TWO_HOURS_MS = 7_200_000;
/** A history is long enough once both hours are half covered: see `isComparable`. */
const ENOUGH_MS = TWO_HOURS_MS * 0.75;

interface ListProps {
  readonly past: Past | undefined;
  readonly problem: string | undefined;
}

/** Significant differences between the last hour and the one before. */
export function ChangeList({
  past,
  numbers,
  problem,
}: ListProps & { readonly numbers: readonly OverviewNumber[] }) {
  const changes = past === undefined ? [] : findChanges(past.hour, past.before);
  return (
    <Card title="Changed in the last hour">
      {past === undefined ? (
        <p class="muted">{problem ?? "Loading…"}</p>
      ) : changes.length === 0 ? (
        <p class="muted">{describeNoChange(past)}</p>
      ) : (
        <ul class="changes">
          {changes.map((change) => (
            <li key={change.text} class={`change is-${change.tone}`}>
              <a href={toLink(change, numbers)}>{change.text}</a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function toLink({ about }: Change, numbers: readonly OverviewNumber[]): string {
  const number = numbers.find(({ name }) => name === about);
  return number === undefined
    ? toExploreFragment([MEMORY], { from: "now-2h", to: "now" })
    : toPanelLink(number);
}

function describeNoChange({ hour, before, oldestMs }: Past): string {
  if (isComparable(hour, before)) {
    return "Nothing significant: requests, errors, latency, outliers, classes and memory are like in the hour before.";
  }
  if (oldestMs === undefined) return "There is no history to compare yet.";
  return `The history is too short to compare the last hour with the hour before. It is long enough at ${formatTime(oldestMs + ENOUGH_MS)}.`;
}

/** Starts, reloads and alerts of the last hours. */
export function EventList({ past, problem }: ListProps) {
  return (
    <Card title="Recent events">
      {past === undefined ? (
        <p class="muted">{problem ?? "Loading…"}</p>
      ) : past.events.length === 0 ? (
        <p class="muted">
          None in the last 6 hours. Starts of the server, new model versions and alerts appear here.
        </p>
      ) : (
        <ol class="events">
          {past.events.slice(0, LISTED).map(({ timeMs, kind, text, href }) => (
            <li key={`${timeMs} ${text}`} class={`event is-${kind}`}>
              <time dateTime={new Date(timeMs).toISOString()} title={formatDateTime(timeMs)}>
                {formatTime(timeMs)}
              </time>
              {href === undefined ? <span>{text}</span> : <a href={href}>{text}</a>}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

interface CardProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

function Card({ title, children }: CardProps) {
  return (
    <section class="overview-card">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
