import type { Panel } from "./dashboard.ts";
import { parseTime, type RawRange, type TimeRange } from "./time-range.ts";

/** The time range of a panel with its own. */
export interface PanelTime {
  readonly range: TimeRange;
  /** For the head of the panel: `Last 5 minutes`, `1 day earlier`; empty for the range of the page. */
  readonly text: string;
}

/**
 * Applies the time overrides of a panel to the range of the page. `timeFrom` replaces a range that ends now; `timeShift` moves it
 * back. An override that cannot be parsed changes nothing.
 *
 * @param fill replaces variables
 */
export function toPanelTime(
  { timeFrom, timeShift, hidesTime }: Pick<Panel, "timeFrom" | "timeShift" | "hidesTime">,
  range: TimeRange,
  raw: RawRange,
  fill: (text: string) => string,
): PanelTime {
  const parts: string[] = [];
  let shown = range;
  const own = fill(timeFrom).trim();
  // A range that was chosen by its dates, or by zooming, stays.
  if (own !== "" && raw.from.startsWith("now")) {
    const from = own.startsWith("now") ? own : `now-${own}`;
    const start = parseTime(from, range.to, false);
    const end = own.startsWith("now/") ? parseTime(own, range.to, true) : range.to;
    if (start !== undefined && end !== undefined && start < end) {
      shown = { from: start, to: end };
      parts.push(own.startsWith("now") ? own : `Last ${own}`);
    }
  }
  const shift = fill(timeShift).trim();
  if (shift !== "") {
    const from = parseTime(`now-${shift}`, shown.from, false);
    const to = parseTime(`now-${shift}`, shown.to, true);
    if (from !== undefined && to !== undefined && from < to) {
      shown = { from, to };
      parts.push(`${shift} earlier`);
    }
  }
  return { range: shown, text: hidesTime ? "" : parts.join(", ") };
}
