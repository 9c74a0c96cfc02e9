import { Type, type Static } from "typebox";
import type { InputProblems } from "../kernel/check.ts";
import { BinsSchema, RatioSchema, checkBins, checkClassRatios } from "./bins-schema.ts";
import { toBin } from "./bins.ts";
import type { FeatureBins } from "./guard.ts";

/**
 * The distributions of a model's outputs for rows that it was not trained on, with which the outputs of served rows are compared.
 * Predictions of training rows would not do: a forest is much more confident about them.
 */
export type OutputReference = Static<typeof OutputReferenceSchema>;

export const OutputReferenceSchema = Type.Object(
  {
    source: Type.Union([Type.Literal("out_of_bag"), Type.Literal("cross_validation")], {
      description: "How rows were predicted that the model, or a model like it, was not trained on",
    }),
    rows: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1, description: "Number of those rows" }),
    class_ratios: Type.Array(RatioSchema, {
      description: "Share of the rows by predicted class, in class order; empty for regression",
    }),
    confidence: Type.Union([BinsSchema, Type.Null()], {
      description: "Bins of the highest class probability; null for regression",
    }),
    value: Type.Union([BinsSchema, Type.Null()], {
      description: "Bins of the predicted value; null for classification",
    }),
  },
  { title: "OutputReference", description: "Distributions of predictions of held-out rows" },
);

/** @param at JSON pointer of the section in its document @param classCount 0 for regression */
export function checkOutputReference(
  reference: OutputReference,
  classCount: number,
  at: string,
  problems: InputProblems,
): void {
  checkClassRatios(reference.class_ratios, classCount, `${at}/class_ratios`, problems);
  if (reference.confidence !== null) {
    checkBins(reference.confidence, `${at}/confidence`, problems);
  }
  if (reference.value !== null) checkBins(reference.value, `${at}/value`, problems);
}

const CONFIDENCE_BINS = 10;
/** Sums of float32 votes differ by less from the shares that they stand for. */
const ROUNDING = 1e-6;

/**
 * Bins the confidence of held-out rows: ten bins of equal width from 1/classes to 1. Quantiles would not do: out-of-bag rows are
 * predicted by a third of the trees, so their confidence has coarser steps, and equals 1 more often.
 *
 * @param confidence at least one
 */
export function toConfidenceBins(confidence: Float64Array, classCount: number): FeatureBins {
  const lowest = 1 / classCount;
  const edges = Array.from(
    { length: CONFIDENCE_BINS - 1 },
    (_, b) => lowest + ((1 - lowest) * (b + 1)) / CONFIDENCE_BINS + ROUNDING,
  );
  return countBins(edges, confidence);
}

const P_VALUE_BINS = 10;

/**
 * Bins the p-values of rows like the training rows: each calibration row is compared with the others. They are uniform up to ties.
 * Returns null without calibration rows.
 *
 * @param calibration ascending
 */
export function toPValueBins(calibration: Float64Array): FeatureBins | null {
  const rows = calibration.length;
  if (rows === 0) return null;
  const pValues = new Float64Array(rows);
  let first = 0;
  for (let i = 0; i < rows; i++) {
    if (calibration[i] !== calibration[first]) first = i;
    pValues[i] = (rows - first) / (rows + 1);
  }
  const edges = Array.from({ length: P_VALUE_BINS - 1 }, (_, b) => (b + 1) / P_VALUE_BINS);
  return countBins(edges, pValues);
}

/** @param values at least one */
function countBins(edges: number[], values: Float64Array): FeatureBins {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) counts[toBin(edges, value)]! += 1;
  return { edges, ratios: counts.map((count) => count / values.length), missing_ratio: 0 };
}
