import { findBin, formatBinLabel } from "../guard/bins.ts";
import type { Guard } from "../guard/guard.ts";
import { createRowMatches, type RowMatches } from "../guard/row-matches.ts";
import {
  DROPPED,
  type Family,
  type HistogramFamily,
  type ValueFamily,
} from "../metrics/metrics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Feature } from "../tabular/tabular.ts";
import { openOutputs, type OutputCounters } from "./record-outputs.ts";
import {
  MISSING_VALUE,
  OUT_OF_RANGE,
  OUTLIER,
  UNCHECKED,
  UNKNOWN_CATEGORY,
  type RowBuffers,
} from "./rows.ts";

/** Records the rows of one model version in the metrics. All its series are open from the start, at zero. */
export interface Recorder {
  /**
   * Records the trust checks, drift bins and predictions of the first `count` rows.
   * @param inferenceSeconds the time of the call of the model; null if the rows were not predicted
   * @param rejectedFlags leaves out the predictions of rows with any of these flags, which the policies reject
   */
  record(
    rows: RowBuffers,
    count: number,
    inferenceSeconds: number | null,
    rejectedFlags: number,
  ): void;
  close(): void;
}

/** @param features those of the manifest, `nullable` as the policy for missing values decides */
export function createRecorder(
  metrics: Metrics,
  manifest: Manifest,
  guard: Guard | null,
  features: readonly Feature[] = manifest.features,
): Recorder {
  const series = openSeries(metrics, manifest, guard, features);
  const reference = manifest.feature_reference?.bins ?? [];
  const binOf = guard?.binOf ?? ((feature, value) => findBin(reference[feature]!, value));
  const { pValues, flags, bins, predictions, confidence, outputs } = series;
  const isClassifier = manifest.task === "classification";
  const rowMatches =
    guard === null ? null : createRowMatches(guard.parameters.row_matching.features);

  function recordChecks(rows: RowBuffers, count: number): void {
    for (let row = 0; row < count; row++) {
      const pValue = rows.pValues[row]!;
      if (!Number.isNaN(pValue)) {
        metrics.pValue.observe(pValues, pValue);
        outputs.pValue?.count(pValue);
      }
      const found = rows.flags[row]!;
      if ((found & OUT_OF_RANGE) !== 0) metrics.outOfDistribution.add(flags.range, 1);
      if ((found & OUTLIER) !== 0) metrics.outOfDistribution.add(flags.pValue, 1);
      if ((found & MISSING_VALUE) !== 0) metrics.outOfDistribution.add(flags.missing, 1);
      if ((found & UNKNOWN_CATEGORY) !== 0) metrics.outOfDistribution.add(flags.category, 1);
      if ((found & UNCHECKED) !== 0) metrics.outOfDistribution.add(flags.unchecked, 1);
      if (bins.length > 0) recordBins(rows.values, row * rows.width);
    }
  }

  function recordMatches(rows: RowBuffers, count: number, matches: RowMatches): void {
    const { values, width } = rows;
    let compared = 0;
    let equal = 0;
    for (let row = 0; row < count; row++) {
      compared += matches.recent;
      equal += matches.add(values, row * width);
    }
    metrics.rowComparisons.add(series.comparisons, compared);
    metrics.rowMatches.add(series.matches, equal);
  }

  function recordBins(values: Float64Array, offset: number): void {
    for (let f = 0; f < bins.length; f++) {
      const slots = bins[f]!;
      const bin = binOf(f, values[offset + f]!);
      metrics.featureBin.add(slots[bin < 0 ? slots.length - 1 : bin]!, 1);
    }
  }

  function recordPredictions(rows: RowBuffers, count: number, rejectedFlags: number): void {
    for (let row = 0; row < count; row++) {
      if ((rows.flags[row]! & rejectedFlags) !== 0) continue;
      if (!isClassifier) {
        metrics.predictions.add(predictions[0]!, 1);
        outputs.prediction?.count(rows.scores[row * rows.outputs]!);
        continue;
      }
      const label = rows.labels[row]!;
      const score = rows.scores[row * rows.outputs + label]!;
      metrics.predictions.add(predictions[label]!, 1);
      metrics.confidence.observe(confidence, score);
      outputs.prediction?.count(label);
      outputs.confidence?.count(score);
    }
  }

  return {
    record(rows, count, inferenceSeconds, rejectedFlags) {
      recordChecks(rows, count);
      if (rowMatches !== null) recordMatches(rows, count, rowMatches);
      if (inferenceSeconds === null) return;
      metrics.inferenceDuration.observe(series.inference, inferenceSeconds);
      metrics.batchRows.observe(series.batchRows, count);
      recordPredictions(rows, count, rejectedFlags);
      metrics.saveSoon();
    },
    close: series.close,
  };
}

/** The slots of a model version's series. */
interface ModelSeries {
  /** By class; one for regression. */
  readonly predictions: Int32Array;
  readonly inference: number;
  readonly batchRows: number;
  readonly confidence: number;
  readonly pValues: number;
  readonly flags: {
    readonly pValue: number;
    readonly range: number;
    readonly missing: number;
    /** Dropped without categories. */
    readonly category: number;
    /** Dropped without a guard, which would compare rows. */
    readonly unchecked: number;
  };
  /** By feature: its bins, then one for missing values if the feature is nullable. Empty if a series of the feature was dropped. */
  readonly bins: readonly Int32Array[];
  readonly outputs: OutputCounters;
  readonly comparisons: number;
  readonly matches: number;
  close(): void;
}

function openSeries(
  metrics: Metrics,
  manifest: Manifest,
  guard: Guard | null,
  features: readonly Feature[],
): ModelSeries {
  const model = [manifest.name, String(manifest.version)];
  const opened: (readonly [Family, number])[] = [];
  function open<F extends ValueFamily | HistogramFamily>(family: F, ...labels: string[]): number {
    const slot = family.open([...model, ...labels]);
    opened.push([family, slot]);
    return slot;
  }
  const isClassifier = manifest.task === "classification";
  const classes = isClassifier ? manifest.classes : [""];
  const parameters = guard?.parameters;

  const { feature_reference: reference } = manifest;
  const bins = (parameters?.bins ?? reference?.bins ?? []).map((feature, index) => {
    const { name, nullable } = features[index]!;
    const present = 1 - feature.missing_ratio;
    const shares = feature.ratios.map(
      (ratio, b) => [formatBinLabel(feature, b, features[index]), ratio * present] as const,
    );
    if (nullable) shares.push(["missing", feature.missing_ratio]);
    return Int32Array.from(shares, ([label, share]) => {
      const ratio = open(metrics.featureReferenceRatio, name, label);
      metrics.featureReferenceRatio.set(ratio, share);
      return open(metrics.featureBin, name, label);
    });
  });
  const trainingRows = parameters?.training_rows ?? reference?.rows;
  if (trainingRows !== undefined) {
    metrics.referenceRows.set(open(metrics.referenceRows), trainingRows);
  }
  if (parameters !== undefined) {
    const matchRatio = open(metrics.rowReferenceMatchRatio);
    metrics.rowReferenceMatchRatio.set(matchRatio, parameters.row_matching.ratio);
  }
  for (const [index, ratio] of (parameters?.class_ratios ?? []).entries()) {
    const slot = open(metrics.classReferenceRatio, manifest.classes[index]!);
    metrics.classReferenceRatio.set(slot, ratio);
  }

  return {
    predictions: Int32Array.from(classes, (name) => open(metrics.predictions, name)),
    inference: open(metrics.inferenceDuration),
    batchRows: open(metrics.batchRows),
    confidence: isClassifier ? open(metrics.confidence) : DROPPED,
    pValues: guard === null ? DROPPED : open(metrics.pValue),
    flags: {
      pValue: open(metrics.outOfDistribution, "p_value"),
      range: open(metrics.outOfDistribution, "range"),
      missing: open(metrics.outOfDistribution, "missing"),
      category: manifest.features.some(({ type }) => type === "category")
        ? open(metrics.outOfDistribution, "unknown_category")
        : DROPPED,
      unchecked: guard === null ? DROPPED : open(metrics.outOfDistribution, "unchecked"),
    },
    bins,
    outputs: openOutputs(metrics, manifest, guard, open),
    comparisons: guard === null ? DROPPED : open(metrics.rowComparisons),
    matches: guard === null ? DROPPED : open(metrics.rowMatches),
    close() {
      for (const [family, slot] of opened.splice(0)) family.close(slot);
    },
  };
}
