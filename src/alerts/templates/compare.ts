import { TemplateError } from "./ast.ts";
import { toTypeName, type Value } from "./values.ts";

/**
 * Go's comparisons. Kinds are not mixed: `gt $value 5` is an error, since a float64 is no int, and wants `gt $value 5.0`.
 */
export const COMPARISONS = {
  /** Whether the first is equal to any of the others. */
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
    throw new TemplateError(`a ${toTypeName(a)} cannot be compared with a ${toTypeName(b)}`);
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
  throw new TemplateError(`a ${toTypeName(a)} is neither less nor more than another`);
}

function expectSameKind(a: Value, b: Value): void {
  if (toTypeName(a) === toTypeName(b)) return;
  const hint =
    typeof a !== "string" && typeof b !== "string" ? "; write numbers with a point, as 5.0" : "";
  throw new TemplateError(
    `incompatible types for comparison: ${toTypeName(a)} and ${toTypeName(b)}${hint}`,
  );
}
