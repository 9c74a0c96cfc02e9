/** The training report of a manifest; fields are named as in the JSON. */
export interface Report {
  readonly rows: number;
  readonly features: number;
  readonly folds: number;
  readonly out_of_bag: { readonly score: number | null; readonly rows: number };
  readonly importances: readonly { readonly feature: string; readonly share: number }[];
  readonly seconds: number;
  readonly accuracy?: { readonly mean: number; readonly standard_deviation: number };
  readonly log_loss?: number;
  readonly confusion?: readonly (readonly number[])[];
  readonly per_class?: readonly {
    readonly label: string | number;
    readonly support: number;
    readonly precision: number | null;
    readonly recall: number | null;
    readonly f1: number | null;
  }[];
  /** Missing in versions that were trained before Tepal measured it. */
  readonly calibration?: {
    readonly expected_error: number;
    readonly bins: readonly {
      readonly from: number;
      readonly to: number;
      readonly rows: number;
      readonly mean_predicted: number | null;
      readonly observed: number | null;
    }[];
  };
  readonly r_squared?: number | null;
  readonly mean_absolute_error?: number;
  readonly root_mean_squared_error?: number;
}

/** Returns the report of a manifest; undefined for a model that another tool trained. */
export function readReport(training: unknown): Report | undefined {
  if (typeof training !== "object" || training === null) return undefined;
  if (!("importances" in training) || !("out_of_bag" in training)) return undefined;
  // Tepal wrote it: page and server have the same version.
  return training as Report;
}
