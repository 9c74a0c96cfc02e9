import { METRICS, type HistogramDeclaration } from "../metrics/names.ts";
import { EXEMPLAR_LABEL } from "../metrics/exposition.ts";
import type { SavedExemplar } from "../metrics/metrics.ts";
import { createLabels } from "../series/labels.ts";
import { normaliseBound } from "../series/scrape/normalise-bound.ts";
import { BUCKET_LABEL, METRIC_NAME } from "../series/series.ts";
import { toTargetLabels, type Target } from "../series/scrape/target.ts";
import type { ExemplarStore } from "../series/store/exemplar-store.ts";

const HISTOGRAMS = new Map<string, HistogramDeclaration>(
  Object.values(METRICS)
    .filter((declaration) => declaration.type === "histogram")
    .map((declaration) => [declaration.name, declaration]),
);

/** Adds the exemplars of the server's own metrics to those of the history, with the labels that a scrape gives to their series. */
export function addOwnExemplars(
  store: ExemplarStore,
  saved: readonly SavedExemplar[],
  target: Target,
): void {
  for (const [name, values, bucket, { requestId, value, timeMs }] of saved) {
    const declaration = HISTOGRAMS.get(name);
    if (declaration === undefined) continue;
    const labels = createLabels({
      ...Object.fromEntries(declaration.labels.map((label, i) => [label, values[i] ?? ""])),
      [METRIC_NAME]: `${name}_bucket`,
      [BUCKET_LABEL]: normaliseBound(String(declaration.buckets[bucket] ?? "+Inf")),
    });
    const exemplar = { labels: { [EXEMPLAR_LABEL]: requestId }, value, timeMs };
    store.add(toTargetLabels(labels, target), exemplar);
  }
}
