import { countCharacters, createLabels } from "../../series/labels.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import { unwrap, type Expr } from "../syntax/ast.ts";
import { toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { createColumn, type VectorValue } from "../evaluate/values.ts";
import { toRange } from "./reduce-windows.ts";

type Arguments = Parameters<FunctionImplementation>;

/** Returns 1 for an empty vector, with the labels that its selector requires. */
export function absent(...[env, [vector], call]: Arguments): VectorValue {
  const presences = toVector(vector).columns.map(({ present }) => present);
  return createAbsent(env, call, (step) => presences.some((present) => present[step] === 1));
}

/** Returns 1 if no series has a sample in the window. */
export function absentOverTime(...[env, [range], call]: Arguments): VectorValue {
  const windows = toRange(range).series.map((series) => series.windows);
  return createAbsent(env, call, (step) =>
    windows.some(({ begins, ends }) => ends[step]! > begins[step]!),
  );
}

function createAbsent(
  env: Arguments[0],
  { args, grid }: Arguments[2],
  isThere: (step: number) => boolean,
): VectorValue {
  const labels = toAbsentLabels(args[0]!);
  env.budget.holdLabels(countCharacters(labels));
  const column = createColumn(env.budget, { labels, dropName: false }, grid.count);
  column.values.fill(1);
  for (let i = 0; i < grid.count; i++) column.present[i] = isThere(i) ? 0 : 1;
  return { type: "vector", columns: [column] };
}

/**
 * Returns the labels that the first `=` matcher fixes, unless a later matcher has the same label. As in Prometheus,
 * earlier ones do not count.
 */
function toAbsentLabels(arg: Expr): Labels {
  const expr = unwrap(arg);
  const selector = expr.kind === "range selector" ? expr.selector : expr;
  if (selector.kind !== "vector selector") return createLabels({});
  const fixed = new Map<string, string>();
  const equalled = new Set<string>();
  for (const { name, type, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (type === "=" && !equalled.has(name)) {
      equalled.add(name);
      fixed.set(name, value);
    } else fixed.delete(name);
  }
  return createLabels(fixed);
}
