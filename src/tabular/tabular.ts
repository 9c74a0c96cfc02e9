/** One input column of a model. */
export interface Feature {
  /** Unique in its model; see `findNameProblem` for the allowed characters. */
  readonly name: string;
  /** The type that the graph computes with. Values travel as doubles, and the executor rounds them. */
  readonly type: "float32" | "float64";
  /** For example "cm"; null if unknown. Shown to people, never computed with. */
  readonly unit: string | null;
  /** The smallest and largest training value; null if unknown, as for a model trained elsewhere. */
  readonly min: number | null;
  readonly max: number | null;
  /** True if a row may lack it: a JSON null or an empty CSV cell is then NaN. */
  readonly nullable: boolean;
}

/**
 * Rows of numbers, row-major: row `r` is `values[r × width] … values[r × width + width − 1]`, in the order of the model's features. NaN is
 * a missing value. The creator owns it; a callee neither keeps nor changes it.
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
