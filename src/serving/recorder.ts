import { formatBinLabel } from "../guard/bins.ts";
import type { GuardParameters } from "../guard/guard.ts";
import type { Family, HistogramFamily, ValueFamily } from "../metrics/family.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Manifest } from "../model/manifest.ts";

/** Counts what one model version does. All its series are open from the start, at zero. */
export interface Recorder {
  recordCall(rows: number, inferenceSeconds: number): void;
  /** @param label class index; −1 for regression */
  recordPrediction(label: number, confidence: number): void;
  recordPValue(pValue: number): void;
  recordFlag(reason: FlagReason): void;
  /** @param bin of the guard; −1 for a missing value */
  recordBin(feature: number, bin: number): void;
  close(): void;
}

export type FlagReason = "p_value" | "range" | "missing";

export function createRecorder(
  metrics: Metrics,
  manifest: Manifest,
  guard: GuardParameters | null,
): Recorder {
  const model = [manifest.name, String(manifest.version)];
  const opened: (readonly [Family, number])[] = [];
  function open<F extends ValueFamily | HistogramFamily>(family: F, ...labels: string[]): number {
    const slot = family.open([...model, ...labels]);
    opened.push([family, slot]);
    return slot;
  }

  const classes = manifest.task === "classification" ? manifest.classes : [""];
  const predictionSlots = Int32Array.from(classes, (name) => open(metrics.predictions, name));
  const inference = open(metrics.inferenceDuration);
  const batchRows = open(metrics.batchRows);
  const confidence = manifest.task === "classification" ? open(metrics.confidence) : null;
  const pValues = guard === null ? null : open(metrics.pValue);
  const flags: Readonly<Record<FlagReason, number>> = {
    p_value: open(metrics.outOfDistribution, "p_value"),
    range: open(metrics.outOfDistribution, "range"),
    missing: open(metrics.outOfDistribution, "missing"),
  };

  // Per feature: its bins, then one for missing values where the feature may lack them.
  const binSlots = (guard?.bins ?? []).map((bins, index) => {
    const feature = manifest.features[index];
    const present = 1 - bins.missing_ratio;
    const shares = bins.ratios.map(
      (ratio, b) => [formatBinLabel(bins, b), ratio * present] as const,
    );
    if (feature?.nullable === true) shares.push(["missing", bins.missing_ratio]);
    return Int32Array.from(shares, ([label, share]) => {
      const reference = open(metrics.featureReferenceRatio, feature?.name ?? "", label);
      metrics.featureReferenceRatio.set(reference, share);
      return open(metrics.featureBin, feature?.name ?? "", label);
    });
  });
  if (guard !== null)
    metrics.referenceRows.set(open(metrics.referenceRows), guard.calibration_rows);
  (guard?.class_ratios ?? []).forEach((ratio, index) => {
    const slot = open(metrics.classReferenceRatio, manifest.classes[index] ?? "");
    metrics.classReferenceRatio.set(slot, ratio);
  });

  return {
    recordCall(rows, inferenceSeconds) {
      metrics.inferenceDuration.observe(inference, inferenceSeconds);
      metrics.batchRows.observe(batchRows, rows);
      metrics.saveSoon();
    },
    recordPrediction(label, probability) {
      metrics.predictions.add(predictionSlots[label] ?? predictionSlots[0] ?? 0, 1);
      if (confidence !== null) metrics.confidence.observe(confidence, probability);
    },
    recordPValue(pValue) {
      if (pValues !== null) metrics.pValue.observe(pValues, pValue);
    },
    recordFlag: (reason) => metrics.outOfDistribution.add(flags[reason], 1),
    recordBin(feature, bin) {
      const slots = binSlots[feature];
      if (slots === undefined) return;
      const slot = slots[bin < 0 ? slots.length - 1 : bin];
      if (slot !== undefined) metrics.featureBin.add(slot, 1);
    },
    close() {
      for (const [family, slot] of opened.splice(0)) family.close(slot);
    },
  };
}
