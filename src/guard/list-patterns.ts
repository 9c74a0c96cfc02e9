import type { ReferenceRows } from "./guard.ts";

/**
 * Lists the patterns of missing values of the reference rows, those of most rows first.
 *
 * @returns for each pattern its first row; rows without missing values have none
 */
export function listPatterns({ count, read }: ReferenceRows): Float64Array[] {
  const patterns = new Map<string, { readonly row: Float64Array; rows: number }>();
  for (let index = 0; index < count; index++) {
    const row = Float64Array.from(read(index));
    const key = row.reduce((text, value) => text + (Number.isNaN(value) ? "1" : "0"), "");
    if (!key.includes("1")) continue;
    const known = patterns.get(key);
    if (known === undefined) patterns.set(key, { row, rows: 1 });
    else known.rows += 1;
  }
  return [...patterns.values()].toSorted((a, b) => b.rows - a.rows).map(({ row }) => row);
}
