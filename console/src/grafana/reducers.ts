/** A value of a field of numbers: null is a gap. */
export type Sample = number | null;

type Reduce = (values: readonly Sample[]) => number | null;

const isNumber = (value: Sample): value is number => value !== null;
const isReal = (value: Sample): value is number => value !== null && !Number.isNaN(value);
const real = (values: readonly Sample[]): readonly number[] => values.filter(isReal);

function fold(values: readonly Sample[], step: (a: number, b: number) => number): number | null {
  const numbers = real(values);
  return numbers.length === 0 ? null : numbers.reduce(step);
}

const sum: Reduce = (values) => real(values).reduce((total, value) => total + value, 0);
const mean: Reduce = (values) => {
  const numbers = real(values);
  return numbers.length === 0 ? null : sum(numbers)! / numbers.length;
};
const first: Reduce = (values) => values.find(isReal) ?? null;
const last: Reduce = (values) => values.findLast(isReal) ?? null;
const min: Reduce = (values) => fold(values, (a, b) => Math.min(a, b));
const max: Reduce = (values) => fold(values, (a, b) => Math.max(a, b));

/** Sorts numbers, NaN last. */
function sortNumbers(values: readonly Sample[]): readonly number[] {
  return values
    .filter(isNumber)
    .toSorted((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
}

/** Returns the value at a share of the sorted values. */
function percentile(values: readonly Sample[], share: number): number | null {
  const sorted = sortNumbers(values);
  return sorted[Math.round((sorted.length - 1) * share)] ?? null;
}

const median: Reduce = (values) => {
  if (values.length === 0) return null;
  const sorted = sortNumbers(values);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const stdDev: Reduce = (values) => {
  if (values.length === 0) return null;
  const numbers = values.filter(isNumber);
  if (numbers.length === 0) return 0;
  const center = numbers.reduce((a, b) => a + b) / numbers.length;
  return Math.sqrt(
    numbers.reduce((total, value) => total + (value - center) ** 2, 0) / numbers.length,
  );
};

const diff: Reduce = (values) => {
  const [from, to] = [first(values), last(values)];
  return from === null || to === null ? null : to - from;
};

const diffPercent: Reduce = (values) => {
  if (values.length === 0) return null;
  const change = diff(values);
  return change === null ? 0 : change / first(values)!;
};

/** Adds all rises. The rise after a fall does not count: a counter was reset between them. */
const delta: Reduce = (values) => {
  if (values.length === 0) return null;
  const numbers = real(values);
  let total = 0;
  let hasFallen = false;
  for (const [index, value] of numbers.entries()) {
    const step = index === 0 ? 0 : value - numbers[index - 1]!;
    if (step >= 0 && !hasFallen) total += step;
    hasFallen = step < 0;
  }
  return total;
};

const changeCount: Reduce = (values) => {
  if (values.length === 0) return null;
  const numbers = values.filter(isNumber);
  return numbers.filter((value, index) => index > 0 && !Object.is(value, numbers[index - 1]))
    .length;
};

const range: Reduce = (values) => {
  const [low, high] = [min(values), max(values)];
  return low === null || high === null ? null : high - low;
};

interface Reducer {
  /** As the column of a legend or a table names it. */
  readonly label: string;
  readonly reduce: Reduce;
}

/** Reducers by Grafana's name. */
const REDUCERS: Readonly<Record<string, Reducer>> = {
  last: { label: "Last", reduce: (values) => values.at(-1) ?? null },
  lastNotNull: { label: "Last *", reduce: last },
  first: { label: "First", reduce: (values) => values[0] ?? null },
  firstNotNull: { label: "First *", reduce: first },
  min: { label: "Min", reduce: min },
  max: { label: "Max", reduce: max },
  mean: { label: "Mean", reduce: mean },
  avg: { label: "Mean", reduce: mean },
  median: { label: "Median", reduce: median },
  sum: { label: "Total", reduce: sum },
  total: { label: "Total", reduce: sum },
  count: { label: "Count", reduce: (values) => values.filter(isNumber).length },
  range: { label: "Range", reduce: range },
  delta: { label: "Delta", reduce: delta },
  diff: { label: "Difference", reduce: diff },
  diffperc: { label: "Difference percent", reduce: (values) => toPercent(diffPercent(values)) },
  stdDev: { label: "StdDev", reduce: stdDev },
  variance: { label: "Variance", reduce: (values) => square(stdDev(values)) },
  changeCount: { label: "Change count", reduce: changeCount },
  distinctCount: {
    label: "Distinct count",
    reduce: (values) => (values.length === 0 ? null : new Set(values.filter(isNumber)).size),
  },
};

function toPercent(share: number | null): number | null {
  return share === null ? null : share * 100;
}

function square(value: number | null): number | null {
  return value === null ? null : value ** 2;
}

/** Reduces the values of a field to one. `p95` is a percentile. An unknown reducer is `last`. */
export function reduceValues(reducer: string, values: readonly Sample[]): number | null {
  return findReducer(reducer).reduce(values);
}

export function toReducerLabel(reducer: string): string {
  return findReducer(reducer).label;
}

function findReducer(name: string): Reducer {
  const known = REDUCERS[name];
  if (known !== undefined) return known;
  const share = /^p(\d{1,2})$/.exec(name)?.[1];
  if (share === undefined) return REDUCERS["last"]!;
  return {
    label: `${share}th %`,
    reduce: (values) => percentile(values, Number(share) / 100),
  };
}
