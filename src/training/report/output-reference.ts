import { fitBins } from "../../guard/fit/fit-bins.ts";
import { toConfidenceBins, type OutputReference } from "../../guard/output-reference.ts";
import type { FeatureBins } from "../../guard/guard.ts";
import type { HeldOutPredictions } from "../forest/out-of-bag.ts";

/**
 * Number of trees from which out-of-bag predictions have the distribution of predictions of new rows. A third of the trees predicts an
 * out-of-bag row: with 16 trees, the drift distance of the two confidences is 0.2 to 0.8; with 64 trees it is that of chance.
 */
const MIN_TREES = 64;

/**
 * Describes the predictions of rows that were not trained on: out of bag, or of the cross-validation for small forests.
 *
 * @param classCount 0 for regression
 * @returns undefined without such rows
 */
export function toOutputReference(
  predictions: Readonly<Record<OutputReference["source"], HeldOutPredictions>>,
  trees: number,
  classCount: number,
): OutputReference | undefined {
  const source = trees < MIN_TREES ? "cross_validation" : "out_of_bag";
  const heldOut = predictions[source];
  if (heldOut.task === "regression") {
    const rows = heldOut.values.length;
    if (rows === 0) return undefined;
    return {
      source,
      rows,
      class_ratios: [],
      confidence: null,
      value: copy(fitBins(heldOut.values)),
    };
  }
  const { labels, confidence } = heldOut;
  const rows = labels.length;
  if (rows === 0) return undefined;
  const counts = Array.from({ length: classCount }, () => 0);
  for (const label of labels) counts[label]! += 1;
  return {
    source,
    rows,
    class_ratios: counts.map((count) => count / rows),
    confidence: copy(toConfidenceBins(confidence, classCount)),
    value: null,
  };
}

function copy({ edges, ratios, missing_ratio }: FeatureBins) {
  return { edges: [...edges], ratios: [...ratios], missing_ratio };
}
