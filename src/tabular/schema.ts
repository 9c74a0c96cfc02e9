import { describeMismatch } from "../kernel/check.ts";
import type { Problem } from "../kernel/errors.ts";
import type { Feature } from "./tabular.ts";

/** More columns than any tabular model has, and few enough that a hostile manifest costs nothing. */
export const MAX_FEATURES = 10_000;
/** More categories than a person can name, and few enough that their dictionary is small. */
export const MAX_CATEGORIES = 10_000;
const MAX_NAME_LENGTH = 200;
/** Controls, among them those that change the direction of text, line separators, and halves of characters. Joiners are part of emoji. */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Finds the problem of a feature's name. A name has 1 to 200 printable characters and no spaces at its ends. `__proto__` is not a name, because code that copies parsed JSON treats it specially.
 * @returns a message; undefined for a valid name
 */
export function findNameProblem(name: string): string | undefined {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
    return `Expected a name of 1 to ${MAX_NAME_LENGTH} characters, got ${name.length}.`;
  }
  if (name === "__proto__")
    return "Expected a name that JavaScript does not reserve, got __proto__.";
  if (name !== name.trim()) {
    return describeMismatch("a name without spaces at its start and end", name);
  }
  if (!UNPRINTABLE.test(name)) return undefined;
  return describeMismatch("a name of printable characters", name, "Rename the column.");
}

/**
 * Finds the problems of a list of features: invalid or duplicate names, bounds in the wrong order.
 *
 * @param at JSON pointer of the list
 */
export function findFeatureProblems(features: readonly Feature[], at: string): readonly Problem[] {
  const problems: Problem[] = [];
  const indexes = new Map<string, number>();
  for (const [index, feature] of features.entries()) {
    const { name, min, max } = feature;
    const pointer = `${at}/${index}`;
    const message = findNameProblem(name);
    if (message !== undefined) problems.push({ at: `${pointer}/name`, message });
    const first = indexes.get(name);
    if (first !== undefined) {
      const duplicate = `Expected a name of its own, got that of feature ${first}.`;
      problems.push({ at: `${pointer}/name`, message: duplicate });
    }
    indexes.set(name, index);
    if (min !== null && max !== null && min > max) {
      problems.push({ at: pointer, message: `Expected min ≤ max, got min ${min} and max ${max}.` });
    }
    problems.push(...findCategoryProblems(feature, pointer));
  }
  return problems;
}

function findCategoryProblems(feature: Feature, pointer: string): Problem[] {
  const { type, categories } = feature;
  const at = `${pointer}/categories`;
  if (type !== "category") {
    if (feature.missing_string !== undefined) {
      const message = `Expected missing_string of a category only, got that of type ${type}.`;
      return [{ at: `${pointer}/missing_string`, message }];
    }
    const message = `Expected categories of a category only, got those of type ${type}.`;
    return categories === undefined ? [] : [{ at, message }];
  }
  if (categories === undefined) return [{ at, message: "Missing. Expected a list of categories." }];
  const values = categories.map(({ value }) => value);
  if (new Set(values.map((value) => typeof value)).size > 1) {
    return [{ at, message: "Expected all strings or all integers, got both." }];
  }
  const merged = feature.precision === "float32" ? findMerged(values) : undefined;
  if (merged !== undefined) {
    const [index, value, other] = merged;
    const message = `Expected integers that differ in float32, the precision of the feature, got ${other} and ${value}, which become ${Math.fround(value)}.`;
    return [{ at: `${at}/${index}/value`, message }];
  }
  const seen = new Set<string | number>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) {
      const message = "Expected a unique value, got a duplicate.";
      return [{ at: `${at}/${index}/value`, message }];
    }
    seen.add(value);
  }
  return [];
}

/** Finds the first integer that float32 rounds as an earlier, other one: its index, its value, and the other one. */
function findMerged(
  values: readonly (string | number)[],
): readonly [index: number, value: number, other: number] | undefined {
  const rounded = new Map<number, number>();
  for (const [index, value] of values.entries()) {
    if (typeof value !== "number") return undefined;
    const float = Math.fround(value);
    const other = rounded.get(float);
    if (other !== undefined && other !== value) return [index, value, other];
    rounded.set(float, value);
  }
  return undefined;
}

export function hasCategories(features: readonly Feature[]): boolean {
  return features.some(({ type }) => type === "category");
}
