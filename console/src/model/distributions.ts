import type { Client, VectorSample } from "../prometheus/client.ts";

/** A distribution over the last hour beside its reference. */
export interface Distribution {
  /** Name of a feature, or of an output: prediction, confidence, p_value. */
  readonly name: string;
  readonly bins: readonly Bin[];
  /** Number of rows in the last hour. */
  readonly rows: number;
  /** Population stability index; null with too few rows. */
  readonly stability: number | null;
}

export interface Bin {
  /** For example "(4.9, 5.2]" or "setosa". */
  readonly label: string;
  /** Share of the reference rows. */
  readonly reference: number;
  readonly rows: number;
}

export interface Distributions {
  readonly features: readonly Distribution[];
  readonly outputs: readonly Distribution[];
}

/** With fewer rows for each bin, chance alone gives an index above the usual limit of 0.1. */
export const ROWS_PER_BIN = 10;
/** Replaces a share of 0, as in the recording rule model_feature:psi:increase1h. */
const MIN_SHARE = 1e-4;

/** Queries the bins of all features and outputs of a model version over the last hour. */
export async function loadDistributions(
  client: Client,
  model: { readonly name: string; readonly version: number },
  timeSeconds: number,
  signal: AbortSignal,
): Promise<Distributions> {
  const selector = `{model=${JSON.stringify(model.name)},version="${model.version}"}`;
  const query = async (expr: string): Promise<readonly VectorSample[]> => {
    const reply = await client.query(expr, timeSeconds, signal);
    return reply.resultType === "vector" ? reply.result : [];
  };
  const load = async (kind: "feature" | "output"): Promise<readonly Distribution[]> => {
    const [live, reference] = await Promise.all([
      query(`sum by (${kind}, bin) (increase(model_${kind}_bin_total${selector}[1h]))`),
      query(`max by (${kind}, bin) (model_${kind}_reference_ratio${selector})`),
    ]);
    return toDistributions(kind, live, reference);
  };
  const [features, outputs] = await Promise.all([load("feature"), load("output")]);
  return { features, outputs };
}

/** Joins live counts and reference shares by name and bin, in the order of the bins' labels. */
export function toDistributions(
  kind: "feature" | "output",
  live: readonly VectorSample[],
  reference: readonly VectorSample[],
): readonly Distribution[] {
  const counts = new Map(
    live.map(({ metric, value }) => [`${metric[kind]}\n${metric["bin"]}`, Number(value[1])]),
  );
  const byName = new Map<string, { label: string; reference: number; rows: number }[]>();
  for (const { metric, value } of reference) {
    const name = metric[kind] ?? "";
    const label = metric["bin"] ?? "";
    const rows = counts.get(`${name}\n${label}`) ?? 0;
    const bins = byName.get(name) ?? [];
    bins.push({ label, reference: Number(value[1]), rows });
    byName.set(name, bins);
  }
  return [...byName].map(([name, unsorted]) => {
    const bins = unsorted
      .toSorted((a, b) => a.label.localeCompare(b.label, "en"))
      // A number in front of each label keeps their order.
      .map(({ label, ...bin }) => ({ ...bin, label: label.replace(/^\d+ /, "") }));
    const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
    return { name, bins, rows, stability: toStability(bins, rows) };
  });
}

/** Σ (live − reference) · ln(live / reference). */
function toStability(bins: readonly Bin[], rows: number): number | null {
  if (rows < ROWS_PER_BIN * bins.length) return null;
  return bins.reduce((sum, bin) => {
    const live = Math.max(bin.rows / rows, MIN_SHARE);
    const reference = Math.max(bin.reference, MIN_SHARE);
    return sum + (live - reference) * Math.log(live / reference);
  }, 0);
}

/** Returns the usual reading of an index. */
export function readStability(stability: number): "stable" | "shifted a little" | "shifted" {
  return stability < 0.1 ? "stable" : stability < 0.25 ? "shifted a little" : "shifted";
}
