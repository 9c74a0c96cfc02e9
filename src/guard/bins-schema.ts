import { Type } from "typebox";
import type { InputProblems } from "../kernel/check.ts";
import type { Feature } from "../tabular/tabular.ts";
import type { FeatureBins, FeatureReference } from "./guard.ts";

/** Each bin is a value of a metric label: without a limit, a hostile manifest could create any number of series. */
const MAX_BINS = 64;
const RATIO_TOLERANCE = 1e-6;

export const RatioSchema = Type.Number({ minimum: 0, maximum: 1 });

export const BinsSchema = Type.Object({
  edges: Type.Array(Type.Number(), { maxItems: MAX_BINS - 1 }),
  ratios: Type.Array(RatioSchema, { minItems: 1, maxItems: MAX_BINS }),
  missing_ratio: RatioSchema,
});

export const CodedBinsSchema = Type.Object({
  ...BinsSchema.properties,
  codes: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: MAX_BINS - 1 }), {
      description: "Bin of each code of a category or a truth value",
    }),
  ),
});

export const FeatureReferenceSchema = Type.Object(
  {
    rows: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    bins: Type.Array(CodedBinsSchema),
  },
  { description: "Values of the training rows by feature, of a model without a trust check" },
);

/** @param at JSON pointer of the bins in their document */
export function checkBins(bins: FeatureBins, at: string, problems: InputProblems): void {
  const { edges, ratios } = bins;
  const unordered = edges.findIndex((edge, index) => index > 0 && edge <= edges[index - 1]!);
  if (unordered >= 0) {
    const message = `Expected a number above the edge before it, ${edges[unordered - 1]}, got ${edges[unordered]}.`;
    problems.add(`${at}/edges/${unordered}`, message);
  }
  if (ratios.length !== edges.length + 1) {
    const message = `Expected ${edges.length + 1} entries for ${edges.length} edges, got ${ratios.length}.`;
    problems.add(`${at}/ratios`, message);
  }
  checkSum(ratios, `${at}/ratios`, problems);
}

/** Checks bins by code. @param codes number of codes that the feature has */
function checkCodes(
  { edges, codes = [], ratios }: FeatureBins,
  expected: number,
  at: string,
  problems: InputProblems,
): void {
  checkLength(codes, expected, "code", `${at}/codes`, problems);
  if (edges.length > 0) problems.add(`${at}/edges`, "Expected no edges besides codes, got some.");
  const beyond = codes.findIndex((bin) => bin >= ratios.length);
  if (beyond < 0) return;
  const message = `Expected a bin from 0 to ${ratios.length - 1}, got ${codes[beyond]}.`;
  problems.add(`${at}/codes/${beyond}`, message);
}

/** Checks the bins of features. @param at JSON pointer of the reference */
export function checkFeatureReference(
  { bins }: FeatureReference,
  features: readonly Feature[],
  at: string,
  problems: InputProblems,
): void {
  checkLength(bins, features.length, "feature", `${at}/bins`, problems);
  if (bins.length !== features.length) return;
  for (const [index, each] of bins.entries()) {
    checkFeatureBins(each, features[index]!, `${at}/bins/${index}`, problems);
  }
}

/** Checks the bins of one feature. @param at JSON pointer of the bins */
export function checkFeatureBins(
  bins: FeatureBins,
  { type, categories = [] }: Feature,
  at: string,
  problems: InputProblems,
): void {
  const codes = type === "category" ? categories.length + 1 : type === "boolean" ? 2 : 0;
  const isOptional = type !== "category";
  if (bins.codes === undefined && isOptional) checkBins(bins, at, problems);
  else {
    checkCodes(bins, codes, at, problems);
    checkSum(bins.ratios, `${at}/ratios`, problems);
  }
}

export function checkClassRatios(
  ratios: readonly number[],
  classCount: number,
  at: string,
  problems: InputProblems,
): void {
  checkLength(ratios, classCount, "class", at, problems);
  if (classCount > 0) checkSum(ratios, at, problems);
}

export function checkLength(
  list: readonly unknown[],
  expected: number,
  unit: string,
  at: string,
  problems: InputProblems,
): void {
  if (list.length === expected) return;
  problems.add(at, `Expected ${expected} entries, one per ${unit}, got ${list.length}.`);
}

function checkSum(ratios: readonly number[], at: string, problems: InputProblems): void {
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (Math.abs(sum - 1) <= RATIO_TOLERANCE) return;
  problems.add(at, `Expected numbers with the sum 1, got the sum ${sum}.`);
}
