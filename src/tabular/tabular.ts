/** Types of features. In a row, a boolean is 0 or 1, and a category is the index of its value in the feature's categories. */
export const FEATURE_TYPES = ["number", "integer", "boolean", "category"] as const;
export type FeatureType = (typeof FEATURE_TYPES)[number];

/** One input column of a model. */
export interface Feature {
  /** Unique in its model; see `findNameProblem` for the allowed characters. */
  readonly name: string;
  readonly type: FeatureType;
  /** The numbers that the graph computes with. Values travel as doubles, and the executor rounds them. */
  readonly precision: "float32" | "float64";
  /** For example "cm"; null if unknown. Shown to people, never computed with. */
  readonly unit: string | null;
  /** The sign that a number may have in CSV, as in 12% or $5, if it is not the unit. */
  readonly sign?: string;
  /** The smallest and largest training value; null if unknown, as for a model trained elsewhere, and for a category. */
  readonly min: number | null;
  readonly max: number | null;
  /** True if a row may lack it: a JSON null or an empty CSV cell is then NaN. */
  readonly nullable: boolean;
  /** The known values of a category, all strings or all integers, without duplicates. Only a category has them. */
  readonly categories?: readonly Category[];
  /**
   * The string that stands for a missing value in an imported graph that takes strings; null if there is none. A trained graph takes the
   * empty string if the feature is nullable, and has none otherwise.
   */
  readonly missing_string?: string | null;
}

/** A known value of a category. */
export interface Category {
  readonly value: string | number;
  /** Share of the present training values; null if unknown. */
  readonly share: number | null;
}

/**
 * Rows of numbers, row-major: row `r` is `values[r × width] … values[r × width + width − 1]`, in the order of the model's features. NaN is
 * a missing value. A category is the index of its value; the number of categories stands for any unknown value. The creator owns it; a
 * callee neither keeps nor changes it.
 */
export interface Rows {
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** The mark between the integer and the fraction of a number: 1.5 or 1,5. */
export const DECIMAL_MARKS = ["point", "comma"] as const;
export type DecimalMark = (typeof DECIMAL_MARKS)[number];

/** The largest float32 number, and so the largest value of a float32 feature. */
export const FLOAT32_MAX = 3.4028234663852886e38;

/** The largest magnitude of an integer feature: doubles hold all integers up to it. */
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER;

/** Returns the largest magnitude of a feature's values. */
export function toLimit({ type, precision }: Pick<Feature, "type" | "precision">): number {
  if (type === "integer") return INTEGER_MAX;
  return precision === "float32" ? FLOAT32_MAX : Number.MAX_VALUE;
}
