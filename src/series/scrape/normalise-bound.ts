/**
 * Normalises the bound of a bucket or quantile as Prometheus 3 stores it, so that `le="1"` of one client equals
 * `le="1.0"` of another: Go's shortest form, with ".0" if it would look like an integer. Returns a string that is not a
 * number unchanged.
 */
export function normaliseBound(text: string): string {
  const value = parseFloatText(text);
  return value === undefined ? text : formatBound(value);
}

/** Go's shortest %g writes numbers from a million on with an exponent. */
const PLAIN_DIGITS = 6;

function formatBound(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= PLAIN_DIGITS) {
    const sign = exponent < 0 ? "-" : "+";
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WORD = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/**
 * Parses a number as Go's ParseFloat does (without hexadecimal); undefined for other strings and for numbers outside
 * the range of a double.
 */
export function parseFloatText(text: string): number | undefined {
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const word = WORD.exec(text);
  if (word === null) return undefined;
  if (word[2] === undefined) return word[1] === "" ? Number.NaN : undefined;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
