import { toInputError } from "../../kernel/check.ts";
import { TepalError, type Problem } from "../../kernel/errors.ts";
import { isRemote, type AnyExecutor } from "../../model/model.ts";
import type { Feature } from "../../tabular/tabular.ts";
import { shorten } from "../../tabular/feature-codec.ts";

/** Declares features that may be missing. @throws TepalError INVALID_OPTION for a feature that the graph cannot compute without */
export async function setNullable(
  features: readonly Feature[],
  given: "all" | readonly string[],
  hasNaN: readonly boolean[],
  executor: AnyExecutor,
): Promise<readonly Feature[]> {
  const names = features.map(({ name }) => name);
  const wanted = given === "all" ? names : given;
  const row = new Float64Array(features.length).fill(1);
  const problems: Problem[] = [];
  const at = "nullable";
  for (const name of wanted) {
    const place = names.indexOf(name);
    if (place < 0) {
      problems.push({ at, message: `Expected names of features, got "${shorten(name)}".` });
      continue;
    }
    if (hasNaN[place] === true && (await isFinite(executor, row.with(place, Number.NaN)))) continue;
    const message = `Expected features without which the model predicts, got "${shorten(name)}": its type has no missing value, or the prediction is not a number then.`;
    problems.push({ at, message });
  }
  if (problems.length > 0) throw toInputError("INVALID_OPTION", "option", problems.slice(0, 10));
  const chosen = new Set(wanted);
  return features.map((feature) => ({
    ...feature,
    nullable: feature.nullable || chosen.has(feature.name),
  }));
}

async function isFinite(executor: AnyExecutor, row: Float64Array): Promise<boolean> {
  const scores = new Float32Array(executor.outputs);
  try {
    await executor.run(row, 1, scores, new Int32Array(1));
  } catch (error) {
    // The graph of another engine may fail for a missing value, or end its process.
    if (error instanceof TepalError && isRemote(executor)) return false;
    throw error;
  }
  return scores.every(Number.isFinite);
}
