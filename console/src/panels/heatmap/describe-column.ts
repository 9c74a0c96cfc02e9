import { toText } from "../../grafana/display.ts";
import { formatDate } from "../../grafana/time-units.ts";
import { formatUnit } from "../../grafana/units.ts";
import type { Cells } from "./cells.ts";

/** Returns the counts of a time, from the lowest bucket on, without the empty ones. */
export function describeColumn({ times, bounds, counts }: Cells, at: number, unit: string): string {
  const parts = bounds.flatMap((bound, row) => {
    const count = counts[row]?.[at] ?? 0;
    return count > 0
      ? [`up to ${toText(formatUnit(unit, bound))}: ${toText(formatUnit("short", count))}`]
      : [];
  });
  const time = formatDate(times[at] ?? 0, "HH:mm:ss", "browser");
  return `${time}, ${parts.length === 0 ? "none" : parts.join("; ")}`;
}
