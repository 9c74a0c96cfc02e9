import { formatShare } from "../lib/format.ts";

/** A warning of a reply; see docs/api.md. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly feature?: string;
  /** Limit of the p-value, in the warning `out_of_distribution`. */
  readonly alpha?: number;
}

/** The reply of `POST /predict`. Fields are named as in the JSON. */
export interface Reply {
  readonly prediction: number | null | readonly (number | null)[];
  readonly label?: string;
  readonly probabilities?: Readonly<Record<string, number | null>>;
  readonly warnings: readonly Warning[];
  readonly out_of_distribution: {
    readonly p_value: number | null;
    readonly is_outlier: boolean | null;
  } | null;
  readonly model: { readonly name: string; readonly version: number };
  readonly id: string;
}

/** A row of `GET /models/NAME/reference`. */
export interface ReferenceRow {
  readonly values: readonly (number | null)[];
  readonly prediction: Reply["prediction"];
  readonly label?: string;
}

export type ReferenceKind = "training_rows" | "class_means" | "none";

export interface ReferenceReply {
  readonly kind: ReferenceKind;
  readonly total: number;
  readonly features: readonly string[];
  readonly rows: readonly ReferenceRow[];
}

export interface NearestReply {
  readonly kind: ReferenceKind;
  readonly total: number;
  readonly rows: readonly (ReferenceRow & { readonly distance: number })[];
}

/** Returns the warnings about one feature. */
export function listFieldWarnings(reply: Reply | undefined, feature: string): readonly Warning[] {
  return (reply?.warnings ?? []).filter((warning) => warning.feature === feature);
}

/** The trust verdict in words. */
export interface Verdict {
  readonly tone: "good" | "warn" | "info";
  readonly title: string;
  readonly text: string;
}

export function describeVerdict({ out_of_distribution: verdict, warnings }: Reply): Verdict {
  if (verdict === null) {
    return {
      tone: "info",
      title: "Not checked: the model has no trust parameters",
      text: "Tepal cannot compare this row with the training data, for example because the model was imported without --data.",
    };
  }
  if (verdict.p_value === null) {
    return {
      tone: "warn",
      title: "Not checked: a value is missing",
      text: "The trust check is not calibrated for rows without these values: the model keeps no training rows to do so, or the server is busy with other rows. Not checked does not mean ordinary.",
    };
  }
  const share = `Of rows like the training data, ${formatShare(verdict.p_value)} are at least as unusual (p-value ${formatPValue(verdict.p_value)}).`;
  if (verdict.is_outlier === true) {
    const limit = warnings.find(({ code }) => code === "out_of_distribution")?.alpha;
    const reason = limit === undefined ? "" : ` The limit of the p-value is ${limit}.`;
    return {
      tone: "warn",
      title: "Unlike the training data",
      text: `${share}${reason} Do not rely on this prediction: a model predicts a class or value for every row, also for one unlike all that it has seen.`,
    };
  }
  return { tone: "good", title: "Like the training data", text: share };
}

export function formatPValue(value: number): string {
  return value >= 0.001 ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}

/** Formats a predicted number with up to six significant digits. */
export function formatPrediction(value: number | null): string {
  return value === null ? "not finite" : String(Number(value.toPrecision(6)));
}

/** Lists predicted numbers with the names of their targets. */
export function listTargets(
  { prediction }: Pick<Reply, "prediction">,
  targets: readonly string[],
): readonly { readonly target: string; readonly value: number | null }[] {
  const values = typeof prediction === "number" || prediction === null ? [prediction] : prediction;
  return values.map((value, i) => ({ target: targets[i] ?? `target ${i + 1}`, value }));
}
