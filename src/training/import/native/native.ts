import { TepalError } from "../../../kernel/errors.ts";
import type { TreeEnsemble } from "../../../model/tree-ensemble.ts";

/** The function from the sums of the trees to the prediction. */
export type Link =
  /** A probability for each class; with one sum, that of the second of two classes. */
  | "softmax"
  /** A probability for each class that does not depend on the others. */
  | "sigmoids"
  | "sigmoid"
  | "exp"
  | "softplus"
  /** x·|x| */
  | "square"
  | "none";

/** A model of another library in its own format: sums of trees, or linear sums, and a link. */
export interface NativeModel {
  readonly library: "XGBoost" | "LightGBM";
  readonly link: Link;
  readonly sums: TreeEnsemble | LinearSums;
  /** Names of the features; undefined if the file has none. */
  readonly names: readonly string[] | undefined;
  /** Sentences for the user. */
  readonly notices: readonly string[];
}

export interface LinearSums {
  readonly features: number;
  readonly outputs: number;
  /** Outputs × features. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

/** @param message one sentence */
export function toInvalidNative(library: string, at: string, message: string): TepalError {
  return new TepalError(
    "MODEL_DAMAGED",
    `Invalid ${library} model: ${at}: ${message} Save the model again with the library.`,
  );
}

export function toUnsupportedNative(library: string, message: string, advice: string): TepalError {
  return new TepalError("MODEL_UNSUPPORTED", `Unsupported ${library} model: ${message} ${advice}`);
}

/** Describes the codes of a categorical feature. */
export function describeCodes(feature: string, categories: readonly string[]): string {
  const shown = categories
    .slice(0, 8)
    .map((category, code) => `${code} = ${category.slice(0, 40)}`);
  if (categories.length > shown.length) shown.push("…");
  return `The feature "${feature.slice(0, 60)}" is a category: its values are codes (${shown.join(", ")}).`;
}
