export interface Part {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

/** A part of a whole, with its place on the circle as shares. */
export interface Slice extends Part {
  readonly percent: string;
  readonly from: number;
  readonly to: number;
}

/** Divides a circle. A value of 0 has an empty slice; missing and negative ones have none. */
export function toSlices(parts: readonly Part[], sort: string): readonly Slice[] {
  const shown = parts.filter(({ value }) => Number.isFinite(value) && value >= 0);
  const total = shown.reduce((sum, { value }) => sum + value, 0);
  const ordered =
    sort === "none"
      ? shown
      : shown.toSorted((a, b) => (sort === "asc" ? a.value - b.value : b.value - a.value));
  let end = 0;
  return ordered.map((part) => {
    const share = total === 0 ? 0 : part.value / total;
    const from = end;
    end += share;
    return { ...part, percent: `${Math.round(share * 100)}%`, from, to: end };
  });
}
