import { findOutOfRange } from "../guard/ranges.ts";
import type { CalibrationBudget, Guard } from "../guard/guard.ts";
import type { Feature } from "../tabular/tabular.ts";
import {
  MISSING_VALUE,
  OUT_OF_RANGE,
  OUTLIER,
  UNCHECKED,
  UNKNOWN_CATEGORY,
  type RowBuffers,
} from "./rows.ts";
import type { RowWarnings } from "./serving.ts";
import {
  toMissingWarning,
  toOutlierWarning,
  toRangeWarning,
  toUncheckedWarning,
} from "./warnings.ts";

/** The reference that rows are checked against. */
export interface TrustCheck {
  readonly features: readonly Feature[];
  /** The features that are categories. */
  readonly categories: readonly CategoryCheck[];
  /** Null for a model without a reference: then only ranges and missing values are checked. */
  readonly guard: Guard | null;
  /** Limits the time of calibrations for rows with missing values. */
  readonly budget: CalibrationBudget | null;
  /** True if rows may have missing values. */
  readonly mayLack: boolean;
  /** Rows with a p-value at or below it are outliers. */
  readonly alpha: number;
}

/** A feature that is a category, and the number of an unknown one. */
export interface CategoryCheck {
  readonly index: number;
  readonly unknown: number;
}

export function toCategoryChecks(features: readonly Feature[]): readonly CategoryCheck[] {
  return features.flatMap(({ categories }, index) =>
    categories === undefined ? [] : [{ index, unknown: categories.length }],
  );
}

/** The trust check: fills in `pValues` and `flags` of the first `count` rows, and adds warnings, except those of decoding. */
export function checkRows(
  { features, categories, guard, budget, mayLack, alpha }: TrustCheck,
  rows: RowBuffers,
  count: number,
  warnings: RowWarnings,
): void {
  const { values, pValues, flags, width } = rows;
  for (let row = 0; row < count; row++) {
    const offset = row * width;
    const pValue = guard === null ? Number.NaN : guard.pValue(values, offset, budget);
    let found = 0;
    const outside = findOutOfRange(features, values, offset);
    if (outside !== null) {
      found |= OUT_OF_RANGE;
      for (const index of outside) {
        warnings.add(row, toRangeWarning(features[index]!, values[offset + index]!));
      }
    }
    for (const { index, unknown } of categories) {
      if (values[offset + index] === unknown) found |= UNKNOWN_CATEGORY;
    }
    if (pValue <= alpha) {
      found |= OUTLIER;
      warnings.add(row, toOutlierWarning(pValue, alpha));
    }
    if (mayLack && warnAboutMissing(features, values, offset, row, warnings)) {
      found |= MISSING_VALUE;
    }
    if (guard !== null && Number.isNaN(pValue)) {
      found |= UNCHECKED;
      warnings.add(row, toUncheckedWarning());
    }
    pValues[row] = pValue;
    flags[row] = found;
  }
}

/** Adds a warning for each missing value of a row. Returns true if there is one. */
function warnAboutMissing(
  features: readonly Feature[],
  values: Float64Array,
  offset: number,
  row: number,
  warnings: RowWarnings,
): boolean {
  let isMissing = false;
  for (let f = 0; f < features.length; f++) {
    if (!Number.isNaN(values[offset + f])) continue;
    warnings.add(row, toMissingWarning(features[f]!));
    isMissing = true;
  }
  return isMissing;
}
