import type { Feature } from "../tabular/tabular.ts";

/** Explains why a model from data has no trust check, and what its rows get. */
export function describeMissingGuard(features: readonly Feature[]): string {
  return `${features.length} features are too many for the p-value: rows get range warnings only.`;
}
