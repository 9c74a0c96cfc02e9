import { METRIC_NAME, type Labels } from "./series.ts";

export const NO_LABELS: Labels = new Map();

/**
 * Creates labels from names and values in any order. Empty values are dropped; the last value of a repeated name wins.
 *
 * @param pairs an object, or pairs of name and value; the metric name is `__name__`
 * @example
 * ```ts
 * import { createLabels } from "tepal/promql";
 *
 * const labels = createLabels({ job: "api", __name__: "up", instance: "" });
 * console.log([...labels.keys()]); // [ "__name__", "job" ]
 * ```
 */
export function createLabels(
  pairs: Iterable<readonly [string, string]> | Readonly<Record<string, string>>,
): Labels {
  const list = Symbol.iterator in pairs ? pairs : Object.entries(pairs);
  const map = new Map<string, string>(list as Iterable<[string, string]>);
  let sorted = true;
  let previous: string | undefined;
  for (const [name, value] of map) {
    if (value === "") {
      map.delete(name);
      continue;
    }
    if (previous !== undefined && compareUtf8(previous, name) > 0) sorted = false;
    previous = name;
  }
  if (sorted) return map;
  return new Map([...map].toSorted(([a], [b]) => compareUtf8(a, b)));
}

/** Returns a key that is equal for equal labels only. */
export function toLabelsKey(labels: Labels): string {
  let key = "";
  for (const [name, value] of labels) key += toPairKey(name, value);
  return key;
}

/** Length prefixes keep `{a="b", c="d"}` apart from every other split of the same characters. */
export function toPairKey(name: string, value: string): string {
  return `${name.length}:${name}${value.length}:${value}`;
}

/** Returns the number of characters of all names and values. */
export function countCharacters(labels: Labels): number {
  let characters = 0;
  for (const [name, value] of labels) characters += name.length + value.length;
  return characters;
}

/** Returns the labels with one changed; an empty value deletes it. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  return createLabels([...labels, [name, value]]);
}

export function withoutLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept = new Map<string, string>();
  for (const [name, value] of labels) if (!names.has(name)) kept.set(name, value);
  return kept.size === labels.size ? labels : kept;
}

export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept = new Map<string, string>();
  for (const [name, value] of labels) if (names.has(name)) kept.set(name, value);
  return kept.size === labels.size ? labels : kept;
}

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);

export function withoutName(labels: Labels): Labels {
  return labels.has(METRIC_NAME) ? withoutLabels(labels, NAME_ONLY) : labels;
}

/** Compares label sets: by the first different name, then by its value. */
export function compareLabels(a: Labels, b: Labels): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const { value: other } = others.next();
    if (other === undefined) return 1;
    const order = compareUtf8(name, other[0]) || compareUtf8(value, other[1]);
    if (order !== 0) return order;
  }
  return a.size - b.size;
}

/** Compares strings by their UTF-8 bytes. JavaScript compares UTF-16 units, which puts 😀 before \uffff. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return toByteOrder(x) - toByteOrder(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function toByteOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
