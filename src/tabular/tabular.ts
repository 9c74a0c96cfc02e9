/** One input column of a model. */
export interface Feature {
  /** Unique in its model; see `parseFeatureName` for what is allowed. */
  readonly name: string;
  /** What the graph computes with. Values travel as doubles and are rounded by the executor. */
  readonly type: "float32" | "float64";
  /** Such as "cm"; null when unknown. Shown to people, never computed with. */
  readonly unit: string | null;
  /** The smallest and largest training value; null when unknown (a model trained elsewhere). */
  readonly min: number | null;
  readonly max: number | null;
  /** Whether a row may lack it: JSON null or an empty CSV cell then stands for NaN. */
  readonly nullable: boolean;
}

/**
 * Rows of numbers, row-major: row `r` is `values[r × width] … values[r × width + width − 1]`,
 * in the order of the model's features. NaN is a missing value. Whoever made it owns it;
 * a callee neither keeps nor changes it.
 */
export interface Rows {
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** The largest number that float32 holds: what a model with float32 features can take. */
export const FLOAT32_MAX = 3.4028234663852886e38;
