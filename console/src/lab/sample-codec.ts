/** A sample per time; undefined where a series has none. */
export type Samples = readonly (number | undefined)[];

const ABSENT = "_";
/** Differences of integers up to this size are exact. */
const MAX_INTEGER = 2 ** 51;
/** Sums of seconds are sums of integer nanoseconds. */
const PER_SECOND = 1e9;
/** Bits of the fraction of a number. */
const FRACTION_BITS = 52;

/**
 * Encodes samples as a string, exactly. The first letter names the form:
 *
 * - `d`: integers, as differences from the one before
 * - `n`: sums of seconds, as differences of their nanoseconds and, after a bar, of their rounding errors in units of the last place
 * - `v`: the values, in the shortest decimals that return the same number
 *
 * A token that repeats is written once: `d5 0*3` is 5, 5, 5, 5.
 */
export function encodeSamples(samples: Samples): string {
  if (samples.every((value) => value === undefined || isExact(value))) {
    return `d${encodeDifferences(samples)}`;
  }
  const values = `v${joinRepeated(samples.map(toToken))}`;
  const sums = encodeSums(samples);
  return sums === undefined || sums.length >= values.length ? values : sums;
}

/** @throws Error for a string that `encodeSamples` does not write */
export function decodeSamples(text: string): Samples {
  const rest = text.slice(1);
  switch (text[0]) {
    case "d":
      return decodeDifferences(rest);
    case "n": {
      const [whole = "", errors = ""] = rest.split("|");
      const units = decodeDifferences(errors);
      return decodeDifferences(whole).map((value, at) =>
        value === undefined ? undefined : fromSum(value, units[at]!),
      );
    }
    case "v":
      return splitRepeated(rest).map((token) => (token === ABSENT ? undefined : Number(token)));
    default:
      throw new Error(`Expected encoded samples with d, n or v at the begin, got ${text}.`);
  }
}

function isExact(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER && !Object.is(value, -0);
}

function toToken(value: number | undefined): string {
  if (value === undefined) return ABSENT;
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Returns undefined if a sample is no sum of nanoseconds. */
function encodeSums(samples: Samples): string | undefined {
  const wholes = samples.map((value) => value && Math.round(value * PER_SECOND));
  const errors = samples.map((value, at) => value && toError(value, wholes[at]!));
  const isSum = samples.every((value, at) => {
    if (value === undefined) return true;
    const [whole, error] = [wholes[at]!, errors[at]!];
    return isExact(whole) && isExact(error) && Object.is(fromSum(whole, error), value);
  });
  return isSum ? `n${encodeDifferences(wholes)}|${encodeDifferences(errors)}` : undefined;
}

function toError(value: number, whole: number): number {
  const base = whole / PER_SECOND;
  return (value - base) / lastPlaceOf(base);
}

function fromSum(whole: number, error: number): number {
  const base = whole / PER_SECOND;
  return base + error * lastPlaceOf(base);
}

/** Returns a power of two by which numbers of this size differ. */
function lastPlaceOf(value: number): number {
  return value === 0 ? 1 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - FRACTION_BITS - 1);
}

function encodeDifferences(samples: Samples): string {
  let before = 0;
  const tokens = samples.map((value) => {
    if (value === undefined) return ABSENT;
    const difference = value - before;
    before = value;
    return String(difference);
  });
  return joinRepeated(tokens);
}

function decodeDifferences(text: string): Samples {
  let before = 0;
  return splitRepeated(text).map((token) => {
    if (token === ABSENT) return undefined;
    before += Number(token);
    return before;
  });
}

function joinRepeated(tokens: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at]!;
    let end = at + 1;
    while (tokens[end] === token) end++;
    parts.push(end - at === 1 ? token : `${token}*${end - at}`);
    at = end;
  }
  return parts.join(" ");
}

function splitRepeated(text: string): readonly string[] {
  if (text === "") return [];
  return text.split(" ").flatMap((part) => {
    const [token = "", count = "1"] = part.split("*");
    return Array.from({ length: Number(count) }, () => token);
  });
}
