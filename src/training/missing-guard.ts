import { hasCategories } from "../tabular/schema.ts";
import type { Feature } from "../tabular/tabular.ts";

/** Explains why a model from data has no trust check, and what its rows get. */
export function describeMissingGuard(features: readonly Feature[]): string {
  return hasCategories(features)
    ? "Without a trust check, since it has categories: rows get warnings of ranges and unknown categories, and no p-value."
    : `${features.length} features are too many for the p-value: rows get range warnings only.`;
}
