import type { LoadedModel } from "../model/model.ts";
import type { Feature } from "../tabular/tabular.ts";

/** Returns the features of a model, `nullable` if it predicts finite numbers without them. */
export function findMissable({ manifest, executor, example }: LoadedModel): readonly Feature[] {
  const scores = new Float32Array(executor.outputs);
  const labels = new Int32Array(1);
  const row = Float64Array.from(example, (value) => value ?? Number.NaN);
  return manifest.features.map((feature, index) => {
    if (feature.nullable) return feature;
    executor.run(row.with(index, Number.NaN), 1, scores, labels);
    return { ...feature, nullable: scores.every(Number.isFinite) };
  });
}
