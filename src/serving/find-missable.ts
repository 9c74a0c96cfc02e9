import { TepalError } from "../kernel/errors.ts";
import type { LoadedModel, RemoteExecutor } from "../model/model.ts";
import type { Feature } from "../tabular/tabular.ts";

/** Returns the features of a model, `nullable` if it predicts finite numbers without them. */
export function findMissable({ manifest, executor, example }: LoadedModel): readonly Feature[] {
  const scores = new Float32Array(executor.outputs);
  const labels = new Int32Array(1);
  const row = toRow(example);
  return manifest.features.map((feature, index) => {
    if (feature.nullable) return feature;
    executor.run(row.with(index, Number.NaN), 1, scores, labels);
    return { ...feature, nullable: scores.every(Number.isFinite) };
  });
}

/**
 * Does the same with a model of another engine. A feature without which its graph fails must not be missing. Once its process has ended, no
 * further feature is tried.
 */
export async function findMissableRemotely({
  manifest,
  executor,
  example,
}: LoadedModel<RemoteExecutor>): Promise<readonly Feature[]> {
  const scores = new Float32Array(executor.outputs);
  const labels = new Int32Array(1);
  const row = toRow(example);
  const features = [...manifest.features];
  for (const [index, feature] of features.entries()) {
    if (feature.nullable) continue;
    try {
      await executor.run(row.with(index, Number.NaN), 1, scores, labels);
      features[index] = { ...feature, nullable: scores.every(Number.isFinite) };
    } catch (error) {
      if (!(error instanceof TepalError)) throw error;
      if (error.code !== "INVALID_INPUT") break;
    }
  }
  return features;
}

function toRow(example: LoadedModel["example"]): Float64Array {
  return Float64Array.from(example, (value) => value ?? Number.NaN);
}
