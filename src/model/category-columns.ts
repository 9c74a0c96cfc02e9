import type { Feature } from "../tabular/tabular.ts";
import type { CompiledModel } from "./compile-model.ts";
import type { EngineModel } from "./engine/read-engine-graph.ts";
import type { CategoryColumn } from "./executor/category-executor.ts";

/** Strings by which pandas and scikit-learn denote a missing value; the first that a graph distinguishes stands for it. */
const MISSING_STRINGS = ["", "nan", "None"];

/**
 * Guesses the string that stands for a missing value among those that a foreign graph distinguishes; null if there is none. Of a graph that
 * Tepal trained, it can only be the empty string: other ones are categories.
 */
export function guessMissingString(categories: readonly string[]): string | null {
  return MISSING_STRINGS.find((text) => categories.includes(text)) ?? null;
}

/** Returns the string that stands for a missing value of a feature. Manifests of older imports do not state it. */
function findMissingString(
  { nullable, missing_string: stated }: Feature,
  categories: readonly string[],
): string | null {
  if (stated !== undefined) return stated;
  return nullable ? guessMissingString(categories) : null;
}

/**
 * Lists the features whose codes are not the numbers that the graph computes with:
 *
 * - A graph with strings numbers those that it distinguishes in an order of its own; any other string is −1, as is a missing value without
 *   a string that stands for it.
 * - A graph with numbers computes with the integers of an integer category. An unknown one is −∞: any integer could become a known one when
 *   it is rounded to float32, and any fraction when it is truncated. The codes of strings are its numbers.
 */
export function toCategoryColumns(
  model: CompiledModel | EngineModel,
  features: readonly Feature[],
): readonly CategoryColumn[] {
  const lists = listGraphCategories(model);
  return features.flatMap((described, feature) => {
    const { categories = [] } = described;
    const known = categories.map(({ value }) => value);
    const list = lists.get(feature);
    if (list !== undefined) {
      const places = new Map(list.map((text, place) => [text, place]));
      const values = Float64Array.from([...known, null], (value) =>
        value === null ? -1 : (places.get(String(value)) ?? -1),
      );
      const missing = findMissingString(described, list);
      return [{ feature, values, missing: missing === null ? -1 : (places.get(missing) ?? -1) }];
    }
    const numbers = known.filter((value) => typeof value === "number");
    if (numbers.length === 0) return [];
    const values = Float64Array.of(...numbers, Number.NEGATIVE_INFINITY);
    return [{ feature, values, missing: Number.NaN }];
  });
}

/** Returns the strings that a graph distinguishes, by feature, for the features that are strings. */
export function listGraphCategories(
  model: CompiledModel | EngineModel,
): ReadonlyMap<number, readonly string[]> {
  const lists = new Map<number, readonly string[]>();
  if (model.kind === "trees") return lists;
  const { inputs } = model.kind === "pipeline" ? model.pipeline : model.graph;
  for (const { categories, firstFeature } of inputs) {
    for (const [column, list] of (categories ?? []).entries()) {
      lists.set(firstFeature + column, list);
    }
  }
  return lists;
}
