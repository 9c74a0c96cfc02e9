import { TemplateError } from "./ast.ts";
import { toTypeName, type Value } from "./values.ts";

/**
 * Go's comparison functions. They do not mix kinds: `gt $value 5` compares a float64 with an int and fails; `gt $value 5.0` works.
 */
export const COMPARISONS = {
  /** Returns true if the first value equals any of the others. */
  eq: ([first = null, ...others]: readonly Value[]) =>
    others.some((other) => isEqual(first, other)),
  ne: ([a = null, b = null]: readonly Value[]) => !isEqual(a, b),
  lt: ([a = null, b = null]: readonly Value[]) => isLess(a, b),
  le: ([a = null, b = null]: readonly Value[]) => isLess(a, b) || isEqual(a, b),
  gt: ([a = null, b = null]: readonly Value[]) => !(isLess(a, b) || isEqual(a, b)),
  ge: ([a = null, b = null]: readonly Value[]) => !isLess(a, b),
} as const;

function isEqual(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  if (typeof a === "object" || typeof b === "object") {
    throw new TemplateError(
      `incompatible types for comparison: ${toTypeName(a)} and ${toTypeName(b)}`,
    );
  }
  expectSameKind(a, b);
  return a === b;
}

function isLess(a: Value, b: Value): boolean {
  expectSameKind(a, b);
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b;
  if (typeof a === "string" && typeof b === "string")
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  throw new TemplateError(`invalid type for comparison: ${toTypeName(a)}`);
}

function expectSameKind(a: Value, b: Value): void {
  if (toTypeName(a) === toTypeName(b)) return;
  const hint =
    typeof a !== "string" && typeof b !== "string"
      ? "; write numbers with a decimal point, for example 5.0"
      : "";
  throw new TemplateError(
    `incompatible types for comparison: ${toTypeName(a)} and ${toTypeName(b)}${hint}`,
  );
}
