/** Bars of one field. */
export interface BarSeries {
  readonly values: readonly (number | null)[];
}

/** The ends of a bar. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Returns the ends of all bars, by series and category. Negative values stack downwards. */
export function stackBars(
  series: readonly BarSeries[],
  mode: "none" | "normal" | "percent",
): readonly (readonly (Extent | undefined)[])[] {
  const ups: number[] = [];
  const downs: number[] = [];
  const totals: number[] = [];
  for (const { values } of series) {
    values.forEach((value, at) => {
      totals[at] = (totals[at] ?? 0) + Math.abs(toFinite(value) ?? 0);
    });
  }
  return series.map(({ values }) =>
    values.map((given, at) => {
      const finite = toFinite(given);
      if (finite === null) return undefined;
      if (mode === "none") return { from: 0, to: finite };
      const total = totals[at] ?? 0;
      const value = mode === "normal" ? finite : total === 0 ? 0 : finite / total;
      const ends = value < 0 ? downs : ups;
      const from = ends[at] ?? 0;
      ends[at] = from + value;
      return { from, to: from + value };
    }),
  );
}

/** Returns the lowest and highest end of bars, 0 included. */
export function findExtent(extents: readonly (readonly (Extent | undefined)[])[]): Extent {
  let [from, to] = [0, 0];
  for (const extent of extents.flat()) {
    from = Math.min(from, extent?.to ?? 0);
    to = Math.max(to, extent?.to ?? 0);
  }
  return { from, to };
}

function toFinite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
