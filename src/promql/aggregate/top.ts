import type { Group } from "./grouping.ts";
import { createExecutionError } from "../errors.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { formatShort } from "../format-number.ts";
import { isEmpty, type Column, type Grid, type VectorValue } from "../evaluate/values.ts";

/**
 * `topk` and `bottomk`: unchanged series at the steps at which they are among the k largest or smallest of their group.
 */
export function aggregateTop(
  env: Evaluation,
  op: "topk" | "bottomk",
  counts: Float64Array,
  groups: readonly Group[],
  grid: Grid,
): VectorValue {
  for (const k of counts) {
    if (Number.isNaN(k)) throw createExecutionError("Parameter value is NaN");
    if (Math.abs(k) >= 2 ** 63) {
      const what = k > 0 ? "overflows" : "underflows";
      throw createExecutionError(`Scalar value ${formatShort(k)} ${what} int64`);
    }
  }
  const columns = groups.flatMap(({ members }) => {
    env.budget.hold(members.length * grid.count);
    const chosen = members.map((member) => ({ ...member, present: new Uint8Array(grid.count) }));
    let ranked: readonly number[] = [];
    for (let i = 0; i < grid.count; i++) {
      env.budget.spend(members.length);
      ranked = rank(members, i, op).slice(0, Math.max(0, Math.trunc(counts[i]!)));
      for (const index of ranked) chosen[index]!.present[i] = 1;
    }
    // Only an instant query shows the order.
    if (grid.count === 1) return ranked.map((index) => chosen[index]!);
    return chosen.filter((column) => !isEmpty(column));
  });
  return { type: "vector", columns };
}

/** Returns the present members, best first; NaN last. */
function rank(members: readonly Column[], step: number, op: "topk" | "bottomk"): number[] {
  const there: number[] = [];
  for (const [index, { present }] of members.entries()) if (present[step] === 1) there.push(index);
  const sign = op === "topk" ? -1 : 1;
  return there.toSorted((a, b) =>
    compareNaNLast(members[a]!.values[step]!, members[b]!.values[step]!, sign),
  );
}

/** @param sign 1 for ascending, −1 for descending */
export function compareNaNLast(a: number, b: number, sign: 1 | -1): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return a < b ? -sign : sign;
}
