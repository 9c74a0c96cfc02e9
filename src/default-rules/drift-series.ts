/** Names of the series and alerts of the drift rules, for the rules and for the console, which shows them. */

/** Kinds of distributions that are compared with their reference. */
export type DriftKind = "feature" | "output";

/** The setting `driftEffectiveRows`, by model. */
export const MIN_EFFECTIVE_ROWS = "model:drift_effective_rows:min";

/** A service with fewer rows an hour is quiet: its last 6 hours are evaluated, too. */
export const QUIET_ROWS = 600;

/** Windows in which drift begins: the shortest one with enough rows decides. */
export const DRIFT_WINDOWS = [
  { window: "5m", text: "5 minutes" },
  { window: "30m", text: "30 minutes" },
  { window: "6h", text: "6 hours" },
] as const;

/** Number of rows of a window. */
export const toSamplesSeries = (kind: DriftKind, window: string): string =>
  `model_${kind}:samples:increase${window}`;

/** Number of independent rows that the rows of a window are worth. */
export const toEffectiveRowsSeries = (kind: DriftKind, window: string): string =>
  `model_${kind}:effective_rows:increase${window}`;

export const toDistanceSeries = (kind: DriftKind, window: string): string =>
  `model_${kind}:distance:increase${window}`;

/** The limit of the distance of a window: the larger of what chance explains and the setting `driftDistance`. */
export const toLimitSeries = (kind: DriftKind, window: string): string =>
  `model_${kind}:distance_limit:increase${window}`;

/** Alerts on the distance of features, and of outputs by their name. */
export const FEATURE_DRIFT = "FeatureDrift";
export const OUTPUT_DRIFT = {
  prediction: "PredictionDrift",
  confidence: "ConfidenceDrift",
  p_value: "PValueDrift",
} as const;
