import type { Client, VectorSample } from "../prometheus/client.ts";
import { toDrifts, toDriftSelector, type Drift } from "./drift.ts";

/** A distribution over the last hour beside its reference. */
export interface Distribution {
  /** Name of a feature, or of an output: prediction, confidence, p_value. */
  readonly name: string;
  readonly bins: readonly Bin[];
  /** Number of rows in the last hour. */
  readonly rows: number;
  readonly drift: Drift;
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

/** Queries the bins of all features and outputs of a model version over the last hour, and the drift rule's readings. */
export async function loadDistributions(
  client: Client,
  model: { readonly name: string; readonly version: number },
  timeSeconds: number,
  signal: AbortSignal,
): Promise<Distributions> {
  const matchers = `model=${JSON.stringify(model.name)},version="${model.version}"`;
  const query = async (expr: string): Promise<readonly VectorSample[]> => {
    const reply = await client.query(expr, timeSeconds, signal);
    return reply.resultType === "vector" ? reply.result : [];
  };
  const rule = Promise.all([query(toDriftSelector(matchers)), client.alerts(signal)]);
  const load = async (kind: "feature" | "output"): Promise<readonly Distribution[]> => {
    const [[samples, alerts], live, reference] = await Promise.all([
      rule,
      query(`sum by (${kind}, bin) (increase(model_${kind}_bin_total{${matchers}}[1h]))`),
      query(`max by (${kind}, bin) (model_${kind}_reference_ratio{${matchers}})`),
    ]);
    return toDistributions(kind, live, reference, toDrifts(kind, model, samples, alerts));
  };
  const [features, outputs] = await Promise.all([load("feature"), load("output")]);
  return { features, outputs };
}

/** Joins live counts and reference shares by name and bin, in the order of the bins' labels. */
export function toDistributions(
  kind: "feature" | "output",
  live: readonly VectorSample[],
  reference: readonly VectorSample[],
  toDrift: (name: string) => Drift,
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
    return { name, bins, rows, drift: toDrift(name) };
  });
}
