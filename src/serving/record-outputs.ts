import { formatBinLabel, toBin } from "../guard/bins.ts";
import type { FeatureBins, Guard } from "../guard/guard.ts";
import type { Metrics, ValueFamily } from "../metrics/metrics.ts";
import type { Manifest } from "../model/manifest.ts";

/** Counts one output of rows by bin. A value of predicted classes is the index of a class. */
interface OutputCounter {
  count(value: number): void;
}

/** The drift counters of a model version's outputs; null where it states no reference to compare with. */
export interface OutputCounters {
  readonly prediction: OutputCounter | null;
  readonly confidence: OutputCounter | null;
  readonly pValue: OutputCounter | null;
}

/** Classes with a bin of their own; the others share one, so that many rare classes do not hide a change of a frequent one. */
const MAX_CLASS_BINS = 9;

/** @param open opens a series of the model version, by the labels after those of the model */
export function openOutputs(
  metrics: Metrics,
  { output_reference: reference, classes }: Pick<Manifest, "output_reference" | "classes">,
  guard: Guard | null,
  open: (family: ValueFamily, ...labels: string[]) => number,
): OutputCounters {
  /** Opens the series of an output: each bin has a label and the share of reference rows. */
  function openBins(
    output: string,
    rows: number,
    bins: readonly (readonly [label: string, ratio: number])[],
  ): Int32Array {
    metrics.outputReferenceRows.set(open(metrics.outputReferenceRows, output), rows);
    return Int32Array.from(bins, ([label, ratio]) => {
      const slot = open(metrics.outputReferenceRatio, output, label);
      metrics.outputReferenceRatio.set(slot, ratio);
      return open(metrics.outputBin, output, label);
    });
  }

  function countValues(output: string, rows: number, bins: FeatureBins): OutputCounter {
    const { edges } = bins;
    const labels = bins.ratios.map((ratio, b) => [formatBinLabel(bins, b), ratio] as const);
    const slots = openBins(output, rows, labels);
    return {
      count(value) {
        // NaN is in no bin.
        const bin = toBin(edges, value);
        if (bin >= 0) metrics.outputBin.add(slots[bin]!, 1);
      },
    };
  }

  function countClasses(rows: number, ratios: readonly number[]): OutputCounter {
    const { bins, ofClass } = groupClasses(classes, ratios);
    const slots = openBins("prediction", rows, bins);
    return { count: (label) => metrics.outputBin.add(slots[ofClass[label]!]!, 1) };
  }

  const { rows = 0, class_ratios: ratios = [], confidence, value } = reference ?? {};
  const pValueBins = guard?.pValueBins ?? null;
  return {
    prediction:
      ratios.length > 0
        ? countClasses(rows, ratios)
        : value
          ? countValues("prediction", rows, value)
          : null,
    confidence: confidence ? countValues("confidence", rows, confidence) : null,
    pValue:
      guard === null || pValueBins === null
        ? null
        : countValues("p_value", guard.parameters.calibration_rows, pValueBins),
  };
}

/**
 * Groups classes into bins: the most frequent ones have a bin each, the others share the last one. A number in front of each label
 * keeps the label of the last bin distinct from all names.
 */
function groupClasses(classes: readonly string[], ratios: readonly number[]) {
  const isGrouped = classes.length > MAX_CLASS_BINS + 1;
  const own = [...classes.keys()]
    .toSorted((a, b) => ratios[b]! - ratios[a]! || a - b)
    .slice(0, isGrouped ? MAX_CLASS_BINS : classes.length)
    .toSorted((a, b) => a - b);
  const bins = own.map((c, bin) => [`${number(bin)} ${classes[c]}`, ratios[c]!] as const);
  const ofClass = new Int32Array(classes.length).fill(own.length);
  for (const [bin, c] of own.entries()) ofClass[c] = bin;
  if (!isGrouped) return { bins, ofClass };
  const others = Math.max(0, 1 - bins.reduce((sum, [, ratio]) => sum + ratio, 0));
  return { bins: [...bins, [`${number(own.length)} other classes`, others] as const], ofClass };
}

function number(bin: number): string {
  return String(bin + 1).padStart(2, "0");
}
