import type { Matching, SetOperator } from "../syntax/ast.ts";
import { createSignature, groupBy } from "./signatures.ts";
import { mergeSame, type Column, type Grid } from "./values.ts";

/** `and`, `or`, `unless`: combine series step by step by their signatures. */
export function combineSets(
  op: SetOperator,
  matching: Matching,
  left: readonly Column[],
  right: readonly Column[],
  { count }: Grid,
): readonly Column[] {
  const toSignature = createSignature(matching);
  const toKey = ({ labels }: Column): string => toSignature(labels);
  if (op === "or") {
    const taken = findPresence(left, toKey, count);
    return mergeSame([...left, ...filter(right, toKey, taken, false)]);
  }
  return filter(left, toKey, findPresence(right, toKey, count), op === "and");
}

/** Returns the steps at which a series with each signature exists. */
function findPresence(
  columns: readonly Column[],
  toKey: (column: Column) => string,
  count: number,
): Map<string, Uint8Array> {
  const presence = new Map<string, Uint8Array>();
  for (const [key, group] of groupBy(columns, toKey)) {
    const any = new Uint8Array(count);
    for (const { present } of group) {
      for (let i = 0; i < count; i++) any[i]! |= present[i]!;
    }
    presence.set(key, any);
  }
  return presence;
}

/** Keeps values at steps at which the signature exists, or at which it does not. */
function filter(
  columns: readonly Column[],
  toKey: (column: Column) => string,
  presence: ReadonlyMap<string, Uint8Array>,
  wanted: boolean,
): Column[] {
  const kept: Column[] = [];
  for (const column of columns) {
    const there = presence.get(toKey(column));
    if (there === undefined) {
      if (!wanted) kept.push(column);
      continue;
    }
    const present = column.present.map((one, i) => one & (wanted ? there[i]! : 1 - there[i]!));
    kept.push({ ...column, present });
  }
  return kept;
}
