import { toInputError } from "../../kernel/check.ts";
import type { Executor } from "../../model/model.ts";
import type { Feature } from "../../tabular/tabular.ts";
import { shorten } from "../../tabular/feature-codec.ts";

/** Declares features that may be missing. @throws TepalError INVALID_OPTION for a feature that the graph cannot compute without */
export function setNullable(
  features: readonly Feature[],
  given: "all" | readonly string[],
  hasNaN: readonly boolean[],
  executor: Executor,
): readonly Feature[] {
  const names = features.map(({ name }) => name);
  const wanted = given === "all" ? names : given;
  const row = new Float64Array(features.length).fill(1);
  const problems = wanted.flatMap((name) => {
    const place = names.indexOf(name);
    const at = "nullable";
    if (place < 0) return [{ at, message: `Expected names of features, got "${shorten(name)}".` }];
    const scores = new Float32Array(executor.outputs);
    executor.run(row.with(place, Number.NaN), 1, scores, new Int32Array(1));
    const isFinite = hasNaN[place] === true && scores.every(Number.isFinite);
    const message = `Expected features without which the model predicts, got "${shorten(name)}": its type has no missing value, or the prediction is not a number then.`;
    return isFinite ? [] : [{ at, message }];
  });
  if (problems.length > 0) throw toInputError("INVALID_OPTION", "option", problems.slice(0, 10));
  const chosen = new Set(wanted);
  return features.map((feature) => ({
    ...feature,
    nullable: feature.nullable || chosen.has(feature.name),
  }));
}
