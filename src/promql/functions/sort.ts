import { compareNaNLast } from "../aggregate/top.ts";
import { toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import type { VectorValue } from "../evaluate/values.ts";

type Arguments = Parameters<FunctionImplementation>;

export const sort: FunctionImplementation = (...args) => sortBy(1, ...args);
export const sortDesc: FunctionImplementation = (...args) => sortBy(-1, ...args);

/** Sorts by value, NaN last. A range query has no single order. */
function sortBy(sign: 1 | -1, ...[env, [vector], call]: Arguments): VectorValue {
  const { columns } = toVector(vector);
  if (env.isRange) {
    env.notes.warn(
      "sort is ineffective for range queries since results are always ordered by labels",
      call,
    );
  }
  if (call.grid.count > 1) return { type: "vector", columns };
  const there = columns.filter(({ present }) => present[0] === 1);
  return {
    type: "vector",
    columns: there.toSorted((a, b) => compareNaNLast(a.values[0]!, b.values[0]!, sign)),
  };
}
