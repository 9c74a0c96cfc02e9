import type { Group } from "./grouping.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { formatShort } from "../format-number.ts";
import { isQuantile, toQuantile } from "./quantile.ts";
import { createColumn, type Column, type VectorValue } from "../evaluate/values.ts";

/** @param quantiles one for each step */
export function aggregateQuantile(
  env: Evaluation,
  param: Expr,
  quantiles: Float64Array,
  groups: readonly Group[],
): VectorValue {
  warnOfQuantiles(env, param, quantiles);
  const columns = groups.map((group) => {
    const result = createColumn(env.budget, group, quantiles.length);
    const buffer = new Float64Array(group.members.length);
    for (let i = 0; i < quantiles.length; i++) {
      env.budget.spend(group.members.length);
      const { size, nans } = gather(group.members, i, buffer);
      if (size + nans === 0) continue;
      buffer.subarray(0, size).sort();
      result.values[i] = toQuantile(quantiles[i]!, buffer, size, nans);
      result.present[i] = 1;
    }
    return result;
  });
  return { type: "vector", columns };
}

export function warnOfQuantiles({ notes }: Evaluation, param: Expr, quantiles: Float64Array): void {
  for (const q of new Set(quantiles)) {
    if (isQuantile(q)) continue;
    notes.warn(`quantile value should be between 0 and 1, got ${formatShort(q)}`, param);
  }
}

/** The values of one step; NaNs are only counted. */
function gather(
  members: readonly Column[],
  step: number,
  into: Float64Array,
): { size: number; nans: number } {
  let size = 0;
  let nans = 0;
  for (const { values, present } of members) {
    if (present[step] === 0) continue;
    const value = values[step]!;
    if (Number.isNaN(value)) nans++;
    else into[size++] = value;
  }
  return { size, nans };
}
