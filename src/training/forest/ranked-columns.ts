import type { Rows } from "../../tabular/tabular.ts";
import type { FeatureColumn } from "./training-set.ts";

/**
 * Feature columns as dense ranks: the value of row `r` in column `f` is `values[f][ranks[f][r]]`. Splits only
 * depend on order, and small integers sort in linear time. In shared memory, so that
 * threads read it without a copy.
 */
export interface RankedColumns {
  readonly count: number;
  /** Per column: the rank of each row. */
  readonly ranks: readonly (Uint16Array | Uint32Array)[];
  /** Per column: its distinct float32 values, ascending; a missing value (NaN) is the last. */
  readonly values: readonly Float32Array[];
  /** Per column: true if its values are codes of categories. */
  readonly isCategory: readonly boolean[];
}

/**
 * Rounds to float32 and ranks each column. Time: rows × columns × log(distinct values).
 *
 * @param yieldNow called after each column
 * @param columns numbers by default
 */
export async function toRankedColumns(
  rows: Rows,
  yieldNow: () => Promise<void>,
  columns: readonly FeatureColumn[] = [],
): Promise<RankedColumns> {
  const { count, width } = rows;
  const values: Float32Array[] = [];
  for (let f = 0; f < width; f++) {
    values.push(toDistinct(readColumn(rows, f)));
    await yieldNow();
  }
  // A single element type keeps the loops over the columns monomorphic.
  const wide = values.some((distinct) => distinct.length > 65_536);
  const ranks: (Uint16Array | Uint32Array)[] = [];
  for (const [f, distinct] of values.entries()) {
    const ranked = wide
      ? new Uint32Array(new SharedArrayBuffer(count * 4))
      : new Uint16Array(new SharedArrayBuffer(count * 2));
    const column = readColumn(rows, f);
    for (let r = 0; r < count; r++) ranked[r] = findRank(distinct, column[r]!);
    ranks.push(ranked);
    await yieldNow();
  }
  const isCategory = values.map((_, f) => columns[f]?.type === "category");
  return { count, ranks, values, isCategory };
}

function readColumn({ values, count, width }: Rows, f: number): Float32Array {
  const column = new Float32Array(count);
  for (let r = 0; r < count; r++) column[r] = values[r * width + f]!;
  return column;
}

function toDistinct(column: Float32Array): Float32Array {
  // Without a comparator a typed array sorts numerically, with −0 before 0 and NaN last.
  const sorted = column.toSorted();
  let distinct = 0;
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i]!;
    if (distinct === 0 || value !== sorted[distinct - 1]) sorted[distinct++] = value;
    // All values after the first missing one are missing too.
    if (Number.isNaN(value)) break;
  }
  const shared = new Float32Array(new SharedArrayBuffer(distinct * 4));
  shared.set(sorted.subarray(0, distinct));
  return shared;
}

function findRank(distinct: Float32Array, value: number): number {
  let low = 0;
  let high = distinct.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    // False for a missing value on either side: NaN has the last rank for itself.
    if (value <= distinct[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
