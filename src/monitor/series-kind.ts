import { METRICS } from "../metrics/names.ts";
import { METRIC_NAME, type Labels } from "../series/series.ts";
import type { SeriesKind } from "../series/store/series-limits.ts";

const REPORTS =
  /^(?:up|scrape_(?:duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added))$/;
const ALERTS = /^ALERTS(?:_FOR_STATE)?$/;
/** The metrics of the process, those of Node.js, and what rules record. */
const ESSENTIAL = /^(?:process|nodejs)_|:/;
const HISTOGRAM_SAMPLE = /_(?:bucket|sum|count)$/;

const OWN = new Map<string, SeriesKind>(
  Object.values(METRICS).map((declaration) => [
    declaration.name,
    "group" in declaration ? "drift" : "essential",
  ]),
);

/** Returns the kind of a series in the history, by its name and labels. */
export function toSeriesKind(labels: Labels): SeriesKind {
  const name = labels.get(METRIC_NAME) ?? "";
  if (REPORTS.test(name)) return "report";
  const own = OWN.get(name) ?? OWN.get(name.replace(HISTOGRAM_SAMPLE, ""));
  if (own !== undefined) return own;
  if (!ESSENTIAL.test(name) && !ALERTS.test(name)) return "other";
  // Rules record several series for each feature and each of its bins.
  return labels.has("feature") ? "drift" : "essential";
}
