/** Points in a plane, and how the axes are named. */
export interface Projection {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The same for the row of the form; null if a value is missing. */
  readonly own: readonly [x: number, y: number] | null;
  readonly x: string;
  readonly y: string;
}

type Values = readonly (number | null)[];

/** Takes two features as axes. */
export function selectFeatures(
  rows: readonly Values[],
  own: Values,
  [x, y]: readonly [number, number],
  names: readonly string[],
): Projection {
  const toPoint = (values: Values): [number, number] | null => {
    const [a, b] = [values[x] ?? null, values[y] ?? null];
    return a === null || b === null ? null : [a, b];
  };
  return {
    points: rows.flatMap((values) => [toPoint(values) ?? [Number.NaN, Number.NaN]] as const),
    own: toPoint(own),
    x: names[x] ?? "",
    y: names[y] ?? "",
  };
}

/**
 * Projects on the first two principal components of the standardized features. Power iteration with deflation: it needs no covariance
 * matrix, so a model of a thousand features costs a thousand times one of one feature.
 */
export function projectPrincipal(rows: readonly Values[], own: Values): Projection {
  const width = own.length;
  const columns = Array.from({ length: width }, (_, j) => toScale(rows.map((row) => row[j]!)));
  const standardize = (values: Values): Float64Array =>
    Float64Array.from(columns, ({ mean, spread }, j) => {
      const value = values[j] ?? null;
      return value === null || spread === 0 ? 0 : (value - mean) / spread;
    });
  const matrix = rows.map(standardize);
  const total = matrix.reduce((sum, row) => sum + toDot(row, row), 0);
  const first = findComponent(matrix, null);
  const second = findComponent(matrix, first);
  const toPoint = (row: Float64Array): [number, number] => [toDot(row, first), toDot(row, second)];
  const points = matrix.map(toPoint);
  const toName = (axis: 0 | 1): string => {
    const share =
      total === 0 ? 0 : points.reduce((sum, point) => sum + point[axis] ** 2, 0) / total;
    return `Principal component ${axis + 1} (${Math.round(share * 100)} % of the variance)`;
  };
  return {
    points,
    own: own.some((value) => value === null) ? null : toPoint(standardize(own)),
    x: toName(0),
    y: toName(1),
  };
}

function toScale(values: Values): { readonly mean: number; readonly spread: number } {
  const known = values.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / Math.max(known.length, 1)) };
}

const ITERATIONS = 100;

/** @param other a component to which the result is orthogonal */
function findComponent(matrix: readonly Float64Array[], other: Float64Array | null): Float64Array {
  const width = matrix[0]?.length ?? 0;
  // Not orthogonal to any likely component, and the same at each call.
  let component = Float64Array.from({ length: width }, (_, j) => 1 + ((j * 7 + 3) % 11) / 11);
  for (let round = 0; round < ITERATIONS; round++) {
    if (other !== null) removeAlong(component, other);
    const length = Math.sqrt(toDot(component, component));
    if (length === 0) return component;
    for (let j = 0; j < width; j++) component[j]! /= length;
    const next = new Float64Array(width);
    for (const row of matrix) {
      const along = toDot(row, component);
      for (let j = 0; j < width; j++) next[j]! += along * row[j]!;
    }
    if (toDot(next, next) === 0) break;
    component = next;
  }
  if (other !== null) removeAlong(component, other);
  const length = Math.sqrt(toDot(component, component));
  // The sign is arbitrary: the largest weight is positive.
  const largest = component.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return component.map((weight) => (length === 0 ? 0 : (weight * Math.sign(largest)) / length));
}

function removeAlong(vector: Float64Array, unit: Float64Array): void {
  const along = toDot(vector, unit);
  for (let j = 0; j < vector.length; j++) vector[j]! -= along * unit[j]!;
}

function toDot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
