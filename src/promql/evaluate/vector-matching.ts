import {
  countCharacters,
  createLabels,
  keepLabels,
  toLabelsKey,
  withoutLabels,
  withoutName,
} from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import type { Binary, Matching } from "../syntax/ast.ts";
import { createExecutionError } from "../errors.ts";
import type { Evaluation } from "./evaluation.ts";
import { ARITHMETIC, COMPARE, isArithmetic, isComparison } from "./operators.ts";
import { printLabels } from "../syntax/print.ts";
import { createSignature, groupBy } from "./signatures.ts";
import { createColumn, dropNames, mergeSame, type Column, type Grid } from "./values.ts";

/** Arithmetic and comparisons of matching series, one-to-one or many-to-one. */
export function combineVectors(
  env: Evaluation,
  binary: Binary,
  left: readonly Column[],
  right: readonly Column[],
  grid: Grid,
): readonly Column[] {
  const { op, bool, matching } = binary;
  const swapped = matching.group === "right";
  const [manySide, oneSide] = swapped ? [right, left] : [left, right];
  // If one side is empty, nothing matches and no matching error can occur.
  const active = findActive(left, right, grid.count);
  const toSignature = createSignature(matching);
  const toKey = ({ labels }: Column): string => toSignature(labels);
  const manyGroups = groupBy(manySide, toKey);
  const results = [...groupBy(oneSide, toKey)].flatMap(([key, ones]) => {
    const partners = findPartners(ones, active, matching);
    return combineGroup(env, binary, manyGroups.get(key) ?? [], ones, partners);
  });
  if (isArithmetic(op)) return mergeSame(results);
  return bool ? dropNames(results, env.options.delayedNameRemoval) : mergeSame(results);
}

function findActive(left: readonly Column[], right: readonly Column[], count: number): Uint8Array {
  const [some, others] = [left, right].map((columns) => {
    const any = new Uint8Array(count);
    for (const { present } of columns) for (let i = 0; i < count; i++) any[i]! |= present[i]!;
    return any;
  });
  return some!.map((one, i) => one & others![i]!);
}

/**
 * Returns for each step the index of the present series on the "one" side, or −1.
 *
 * @throws TepalError QUERY_FAILED if two are present
 */
function findPartners(ones: readonly Column[], active: Uint8Array, matching: Matching): Int32Array {
  const partners = new Int32Array(active.length).fill(-1);
  for (const [index, { present, labels }] of ones.entries()) {
    for (let i = 0; i < active.length; i++) {
      if (present[i] === 0 || active[i] === 0) continue;
      const other = ones[partners[i]!];
      if (other !== undefined) throw createDuplicateError(other.labels, labels, matching);
      partners[i] = index;
    }
  }
  return partners;
}

function createDuplicateError(labels: Labels, other: Labels, matching: Matching): Error {
  const side = matching.group === "right" ? "left" : "right";
  const names = new Set(matching.labels);
  const group = matching.on ? keepLabels(labels, names) : withoutLabels(withoutName(labels), names);
  return createExecutionError(
    `found duplicate series for the match group ${printLabels(group)} on the ${side} hand-side of the operation: ` +
      `[${printLabels(labels)}, ${printLabels(other)}]` +
      ";many-to-many matching not allowed: matching labels must be unique on one side",
  );
}

/** The series of one signature. */
function combineGroup(
  env: Evaluation,
  binary: Binary,
  many: readonly Column[],
  ones: readonly Column[],
  partners: Int32Array,
): Column[] {
  const results = new Map<string, { readonly column: Column; readonly matched: Uint8Array }>();
  const apply = createApply(binary);
  const oneToOne = binary.matching.group === "none";
  const matchedAny = new Uint8Array(partners.length);
  for (const one of many) {
    const targets = new Map<number, { readonly column: Column; readonly matched: Uint8Array }>();
    for (let i = 0; i < partners.length; i++) {
      const partner = partners[i]!;
      if (partner < 0 || one.present[i] === 0) continue;
      let target = targets.get(partner);
      if (target === undefined) {
        const labels = toResultLabels(env, binary, one.labels, ones[partner]!.labels);
        const key = toLabelsKey(labels);
        target = results.get(key);
        if (target === undefined) {
          const column = createColumn(env.budget, { ...one, labels }, partners.length);
          const matched = oneToOne ? matchedAny : new Uint8Array(partners.length);
          target = { column, matched };
          results.set(key, target);
        }
        targets.set(partner, target);
      }
      // Checked before a comparison filters: matching must not depend on values.
      if (target.matched[i] === 1) throw createMultipleError(oneToOne);
      target.matched[i] = 1;
      apply(one.values[i]!, ones[partner]!.values[i]!, target.column, i);
    }
  }
  return [...results.values()].map(({ column }) => column);
}

function createMultipleError(oneToOne: boolean): Error {
  return createExecutionError(
    oneToOne
      ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
      : "multiple matches for labels: grouping labels must ensure unique matches",
  );
}

/** Writes the result of a step to a column; a filter may drop it. */
function createApply({
  op,
  bool,
  matching,
}: Binary): (many: number, one: number, into: Column, step: number) => void {
  const swapped = matching.group === "right";
  if (isArithmetic(op)) {
    const calculate = ARITHMETIC[op];
    return (many, one, { values, present }, step) => {
      values[step] = swapped ? calculate(one, many) : calculate(many, one);
      present[step] = 1;
    };
  }
  if (!isComparison(op)) throw new Error(`${op} is no comparison`);
  const compare = COMPARE[op];
  return (many, one, { values, present }, step) => {
    const left = swapped ? one : many;
    const holds = compare(left, swapped ? many : one);
    if (!holds && !bool) return;
    values[step] = bool ? Number(holds) : left;
    present[step] = 1;
  };
}

function toResultLabels(
  { budget }: Evaluation,
  { op, matching }: Binary,
  many: Labels,
  one: Labels,
): Labels {
  let labels = isArithmetic(op) ? withoutName(many) : many;
  const names = new Set(matching.labels);
  if (matching.group === "none") {
    labels = matching.on ? keepLabels(labels, names) : withoutLabels(labels, names);
  }
  if (matching.include.length === 0) return labels;
  budget.spend(matching.include.length);
  let characters = countCharacters(labels);
  for (const name of new Set(matching.include)) {
    const value = one.get(name);
    if (value !== undefined) characters += name.length + value.length;
  }
  budget.holdLabels(characters);
  const taken = matching.include.map((name): [string, string] => [name, one.get(name) ?? ""]);
  return createLabels([...labels, ...taken]);
}
