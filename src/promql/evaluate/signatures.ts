import { toPairKey } from "../../series/labels.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import type { Matching } from "../syntax/ast.ts";

/** Returns the matching signature of series: a string made of the labels that count. */
export function createSignature({ on, labels }: Matching): (of: Labels) => string {
  const names = new Set(labels);
  if (!on) names.add(METRIC_NAME);
  // A missing label adds nothing, so that a signature is never longer than the labels of its series.
  return (of) => {
    let key = "";
    for (const [name, value] of of) if (names.has(name) === on) key += toPairKey(name, value);
    return key;
  };
}

/** Groups items by a key, in the order of the first occurrence. */
export function groupBy<T>(all: readonly T[], toKey: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = toKey(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
