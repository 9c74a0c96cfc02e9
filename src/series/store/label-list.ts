import { createLabels } from "../labels.ts";
import type { Labels } from "../series.ts";

/** Labels in JSON: name, value, name, value, … */
export function toLabelList(labels: Labels): string[] {
  return [...labels].flat();
}

export function fromLabelList(list: readonly string[]): Labels {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < list.length; i += 2) pairs.push([list[i]!, list[i + 1]!]);
  return createLabels(pairs);
}
