import { toText } from "../../grafana/display.ts";
import { formatDate } from "../../grafana/time-units.ts";
import { formatUnit } from "../../grafana/units.ts";
import type { Cells } from "./cells.ts";

/** Formats the upper bound of a bucket; that of the last one as Prometheus writes it. */
export function formatBound(bound: number, unit: string): string {
  return bound === Infinity ? "+Inf" : toText(formatUnit(unit, bound));
}

/** Returns the counts of a time, from the lowest bucket on, without the empty ones. */
export function describeColumn({ times, bounds, counts }: Cells, at: number, unit: string): string {
  const parts = bounds.flatMap((bound, row) => {
    const count = counts[row]?.[at] ?? 0;
    return count > 0
      ? [`up to ${formatBound(bound, unit)}: ${toText(formatUnit("short", count))}`]
      : [];
  });
  const time = formatDate(times[at] ?? 0, "HH:mm:ss", "browser");
  return `${time}, ${parts.length === 0 ? "none" : parts.join("; ")}`;
}
