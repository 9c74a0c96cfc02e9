import { shorten } from "../tabular/feature-codec.ts";

/** Columns that are named; more are only counted. */
const MAX_NAMED = 10;
/** A smaller share of lost values is the noise of decimals with many digits. */
const MIN_SHARE = 0.01;

/** A column of numbers. */
export interface NumberColumn {
  readonly name: string;
  /** NaN is a missing value. */
  readonly values: Float64Array;
}

/**
 * Finds columns whose distinct values become equal when they are rounded to float32, the numbers that the model computes with: of integers
 * (identifiers, times in seconds) any, of other numbers 1 % or more.
 * @returns one sentence for each column
 */
export function describeFloat32Losses(columns: Iterable<NumberColumn>): string[] {
  const messages: string[] = [];
  let others = 0;
  for (const { name, values } of columns) {
    const { doubles, floats, areIntegers } = countDistinct(values);
    const lost = doubles - floats;
    if (lost === 0 || (!areIntegers && lost < MIN_SHARE * doubles)) continue;
    if (messages.length === MAX_NAMED) others += 1;
    else {
      messages.push(
        `column "${shorten(name)}": ${doubles} distinct values become ${floats} in float32, the numbers that the model computes with. ` +
          "Subtract an offset from the column, rescale it, or remove it.",
      );
    }
  }
  if (others > 0) messages.push(`${others} more columns lose distinct values in float32.`);
  return messages;
}

function countDistinct(values: Float64Array): {
  readonly doubles: number;
  readonly floats: number;
  readonly areIntegers: boolean;
} {
  // NaN sorts to the end.
  const sorted = values.toSorted();
  let doubles = 0;
  let floats = 0;
  let areIntegers = true;
  let last = Number.NaN;
  for (const value of sorted) {
    if (Number.isNaN(value)) break;
    if (value === last) continue;
    doubles += 1;
    if (Math.fround(value) !== Math.fround(last)) floats += 1;
    areIntegers &&= Number.isInteger(value);
    last = value;
  }
  return { doubles, floats, areIntegers };
}

/** Yields the columns of rows, row-major. */
export function* toColumns(
  names: readonly string[],
  values: Float64Array,
): Generator<NumberColumn> {
  const width = names.length;
  for (const [i, name] of names.entries()) {
    const column = new Float64Array(values.length / width);
    for (let row = 0; row < column.length; row++) column[row] = values[row * width + i]!;
    yield { name, values: column };
  }
}
