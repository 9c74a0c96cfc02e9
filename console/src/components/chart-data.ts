/** Columns of a chart: x first, then one for each line. null is a gap. */
export type Columns = readonly [readonly number[], ...(readonly (number | null)[])[]];

/**
 * Columns of points a second apart, rising in x. Where points are missing, a gap is put in, so that no line is drawn over a time of
 * which nothing is known.
 */
export function toColumns<Point>(
  points: readonly Point[],
  x: (point: Point) => number,
  lines: readonly ((point: Point) => number | null)[],
): Columns {
  const xs: number[] = [];
  const ys: (number | null)[][] = lines.map(() => []);
  for (const point of points) {
    const at = x(point);
    const last = xs.at(-1);
    if (last !== undefined && at - last > 1.75) {
      xs.push(last + 1);
      for (const column of ys) column.push(null);
    }
    xs.push(at);
    lines.forEach((line, index) => ys[index]?.push(line(point)));
  }
  return [xs, ...ys];
}

/** The columns of one chart over those of another, on whole seconds: for laying one run over another. */
export function overlay(a: Columns, b: Columns): Columns {
  const seconds = new Set<number>();
  const rows = [a, b].map(([xs, ...ys]) => {
    const index = new Map<number, number>();
    xs.forEach((x, at) => {
      seconds.add(Math.round(x));
      index.set(Math.round(x), at);
    });
    return { index, ys };
  });
  const xs = [...seconds].toSorted((left, right) => left - right);
  const columns = rows.flatMap(({ index, ys }) =>
    ys.map((column) =>
      xs.map((x) => {
        const at = index.get(x);
        return at === undefined ? null : (column[at] ?? null);
      }),
    ),
  );
  return [xs, ...columns];
}

/** Returns the index of the point at x, or null if none is within a second of it. */
export function indexAt(xs: readonly number[], x: number): number | null {
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  const nearest = [low - 1, low].filter((index) => xs[index] !== undefined);
  const distance = (index: number) => Math.abs((xs[index] ?? 0) - x);
  const best = nearest.toSorted((left, right) => distance(left) - distance(right))[0];
  return best === undefined || distance(best) > 1 ? null : best;
}
