/** Formats of Go's `fmt` for floats: correctly rounded, ties to even. JavaScript's `toFixed` does not do this. */

/** Smallest exponent for which `%g` without a precision uses exponential notation. */
const SHORTEST_LIMIT = 6;

interface Digits {
  /** Decimal digits without leading zeros; "" for zero. */
  readonly digits: string;
  /** Number of digits before the decimal point; negative if zeros follow the point. */
  readonly point: number;
}

/** Formats with `%f` and a number of decimals. */
export function formatFixed(size: number, decimals: number): string {
  const { digits, point } = roundTo(size, decimals);
  const padded = point < 1 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const whole = Math.max(point, 1);
  const fraction = padded.slice(whole).padEnd(decimals, "0");
  return decimals === 0 ? padded.slice(0, whole) : `${padded.slice(0, whole)}.${fraction}`;
}

/** Formats with `%e` and a number of decimals. */
export function formatExponential(size: number, decimals: number): string {
  const { digits, point } = roundSignificant(size, decimals + 1);
  return toExponential(digits.padEnd(decimals + 1, "0"), point);
}

/** Formats with `%g`. @param precision maximum number of significant digits; undefined for the shortest form that parses as the same number */
export function formatGeneral(size: number, precision: number | undefined): string {
  const { digits, point } =
    precision === undefined
      ? toShortest(size)
      : trim(roundSignificant(size, Math.max(precision, 1)));
  const shown = digits === "" ? "0" : digits;
  const shownPoint = digits === "" ? 1 : point;
  let limit = precision === undefined ? SHORTEST_LIMIT : Math.max(precision, 1);
  if (precision !== undefined && limit > shown.length && shown.length >= shownPoint)
    limit = shown.length;
  const exponent = shownPoint - 1;
  if (exponent < -4 || exponent >= limit) return toExponential(shown, shownPoint);
  if (shownPoint <= 0) return `0.${"0".repeat(-shownPoint)}${shown}`;
  const padded = shown.padEnd(shownPoint, "0");
  if (padded.length === shownPoint) return padded;
  return `${padded.slice(0, shownPoint)}.${padded.slice(shownPoint)}`;
}

/** Formats with `%e`, a sign, and the shortest digits that parse as the same number: `1.5e+00`, `+Inf`. */
export function formatScientific(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const { digits, point } = toShortest(Math.abs(value));
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + toExponential(digits === "" ? "0" : digits, digits === "" ? 1 : point);
}

function toExponential(digits: string, point: number): string {
  const exponent = /[1-9]/.test(digits) ? point - 1 : 0;
  const sign = exponent < 0 ? "-" : "+";
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function toShortest(size: number): Digits {
  if (size === 0) return { digits: "", point: 0 };
  const [mantissa = "", exponent = "0"] = size.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

function trim({ digits, point }: Digits): Digits {
  return { digits: digits.replace(/0+$/, ""), point };
}

function roundSignificant(size: number, count: number): Digits {
  if (size === 0) return { digits: "", point: 0 };
  // The logarithm may be off by one, and rounding may add a digit.
  const guess = Math.floor(Math.log10(size)) + 1;
  for (const point of [guess - 1, guess, guess + 1]) {
    const rounded = roundTo(size, count - point);
    if (rounded.digits.length === count && rounded.point === point) return rounded;
    // 9.99 rounds to 10.0, which has one digit too many: a zero.
    if (rounded.digits.length === count + 1 && /^10*$/.test(rounded.digits)) {
      return { digits: rounded.digits.slice(0, -1), point: rounded.point };
    }
  }
  throw new RangeError(`Cannot round ${size} to ${count} digits`);
}

const view = new DataView(new ArrayBuffer(8));

/** Rounds to a multiple of 10^−decimals, ties to even. @param decimals may be negative */
function roundTo(size: number, decimals: number): Digits {
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const field = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = field === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = Math.max(field, 1) - 1075;
  let above = mantissa;
  let below = 1n;
  if (exponent >= 0) above <<= BigInt(exponent);
  else below <<= BigInt(-exponent);
  if (decimals >= 0) above *= 10n ** BigInt(decimals);
  else below *= 10n ** BigInt(-decimals);
  let count = above / below;
  const rest = (above % below) * 2n;
  if (rest > below || (rest === below && count % 2n === 1n)) count += 1n;
  const digits = count === 0n ? "" : String(count);
  return { digits, point: digits.length - decimals };
}
