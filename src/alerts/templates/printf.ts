import { TemplateError } from "./ast.ts";
import { formatExponential, formatFixed, formatGeneral } from "./format-float.ts";
import { ArgumentMap, LabelMap, Root, SampleValue, toTypeName, type Value } from "./values.ts";

interface Spec {
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly zeros: boolean;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

const DIRECTIVE = /%(?<flags>[-+ 0#]*)(?<width>\d*)(?<dot>\.(?<precision>\d*))?(?<verb>[^]?)/gu;
const VERBS = "vsdfFeEgGqtxXcbo";
/** Limits the memory that a format can request. */
const MAX_WIDTH = 1_000;

const PLAIN: Spec = {
  left: false,
  plus: false,
  space: false,
  zeros: false,
  width: 0,
  precision: undefined,
  verb: "v",
};

/** Returns the problem of a format that is not supported; undefined for a supported format. */
export function findFormatProblem(format: string): string | undefined {
  for (const { 0: directive, groups = {} } of format.matchAll(DIRECTIVE)) {
    const { flags = "", width = "", precision = "", verb = "" } = groups;
    if (verb === "%") continue;
    if (verb === "" || !VERBS.includes(verb) || flags.includes("#")) {
      return `printf does not support "${directive}"`;
    }
    if (Number(width) > MAX_WIDTH || Number(precision) > MAX_WIDTH) {
      return `width or precision of "${directive}" exceeds ${MAX_WIDTH}`;
    }
  }
  return undefined;
}

/**
 * Go's Sprintf. An argument of the wrong type is not an error: it is formatted as in Go, `%!d(float64=3)`.
 *
 * @throws TemplateError for formats that are not supported
 */
export function printf(format: string, args: readonly Value[]): string {
  const problem = findFormatProblem(format);
  if (problem !== undefined) throw new TemplateError(problem);
  let used = 0;
  const text = format.replaceAll(DIRECTIVE, (...match) => {
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
    const { flags = "", width = "", dot, precision = "", verb = "" } = groups;
    if (verb === "%") return "%";
    if (used >= args.length) return `%!${verb}(MISSING)`;
    return formatArgument(args[used++]!, {
      left: flags.includes("-"),
      plus: flags.includes("+"),
      space: flags.includes(" "),
      zeros: flags.includes("0") && !flags.includes("-"),
      width: Number(width),
      precision: dot === undefined ? undefined : Number(precision),
      verb,
    });
  });
  if (used >= args.length) return text;
  const extra = args
    .slice(used)
    .map((value) => (value === null ? "<nil>" : `${toTypeName(value)}=${print(value)}`));
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

/** Formats a value for the output (Go's `%v`). */
export function print(value: Value): string {
  return formatArgument(value, PLAIN);
}

function formatArgument(value: Value, spec: Spec): string {
  if (value === null) {
    return spec.verb === "v" ? pad("<nil>", spec) : `%!${spec.verb}(<nil>)`;
  }
  if (typeof value === "string") return formatString(value, spec);
  if (typeof value === "number") return formatFloat(value, spec);
  if (typeof value === "bigint") return formatInt(value, spec);
  if (typeof value === "boolean") {
    return spec.verb === "v" || spec.verb === "t"
      ? pad(String(value), spec)
      : formatMismatch(value, spec);
  }
  return formatCompound(value, spec);
}

function formatString(value: string, spec: Spec): string {
  const cut = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join("");
  switch (spec.verb) {
    case "v":
    case "s":
      return pad(cut, spec);
    case "q":
      return pad(quote(cut), spec);
    case "x":
    case "X": {
      const bytes = Buffer.from(value).subarray(0, spec.precision);
      const hex = bytes.toString("hex");
      return pad(spec.verb === "x" ? hex : hex.toUpperCase(), spec);
    }
    default:
      return formatMismatch(value, spec);
  }
}

function formatFloat(value: number, spec: Spec): string {
  const { verb, precision } = spec;
  if (!"vgGeEfF".includes(verb)) return formatMismatch(value, spec);
  const size = Math.abs(value);
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? "NaN" : "Inf";
    // Infinity always has a sign. Neither is padded with zeros.
    const sign = value === Infinity ? "+" : toSign(value, spec);
    return pad(sign + text, { ...spec, zeros: false });
  }
  const text =
    verb === "f" || verb === "F"
      ? formatFixed(size, precision ?? 6)
      : verb === "e" || verb === "E"
        ? formatExponential(size, precision ?? 6)
        : formatGeneral(size, precision);
  const sign = toSign(value, spec);
  return padNumber(sign, verb === "E" || verb === "G" ? text.toUpperCase() : text, spec);
}

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, x: 16, X: 16, o: 8, b: 2 };

function formatInt(value: bigint, spec: Spec): string {
  if (spec.verb === "c") return pad(String.fromCodePoint(toCodePoint(value)), spec);
  if (spec.verb === "q") return pad(quote(String.fromCodePoint(toCodePoint(value)), "'"), spec);
  const base = BASES[spec.verb];
  if (base === undefined) return formatMismatch(value, spec);
  const size = value < 0n ? -value : value;
  const digits = size === 0n && spec.precision === 0 ? "" : size.toString(base);
  const padded = digits.padStart(spec.precision ?? 0, "0");
  const sign = value < 0n ? "-" : toSign(0, spec);
  // With a precision, Go pads with spaces.
  const zeros = spec.zeros && spec.precision === undefined;
  return padNumber(sign, spec.verb === "X" ? padded.toUpperCase() : padded, { ...spec, zeros });
}

function toCodePoint(value: bigint): number {
  const valid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n);
  return valid ? Number(value) : 0xfffd;
}

function formatCompound(
  value: Exclude<Value, string | number | bigint | boolean | null>,
  spec: Spec,
): string {
  if (spec.verb !== "v" && spec.verb !== "s") {
    throw new TemplateError(`printf does not support "%${spec.verb}" for a ${toTypeName(value)}`);
  }
  if (value instanceof LabelMap || value instanceof ArgumentMap) {
    const pairs = [...value].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${pairs.map(([name, item]) => `${name}:${formatArgument(item, spec)}`).join(" ")}]`;
  }
  if (value instanceof SampleValue || value instanceof Root || value.length > 0) {
    throw new TemplateError(`cannot print a ${toTypeName(value)}; print one of its fields`);
  }
  return "[]";
}

/** Formats an argument of the wrong type for its verb as Go does. Width and precision apply to the inner value. */
function formatMismatch(value: Value, spec: Spec): string {
  return `%!${spec.verb}(${toTypeName(value)}=${formatArgument(value, { ...spec, verb: "v" })})`;
}

function toSign(value: number, { plus, space }: Spec): string {
  if (value < 0 || Object.is(value, -0)) return "-";
  return plus ? "+" : space ? " " : "";
}

function padNumber(sign: string, digits: string, spec: Spec): string {
  return spec.zeros
    ? sign + digits.padStart(spec.width - sign.length, "0")
    : pad(sign + digits, spec);
}

function pad(text: string, { left, zeros, width }: Spec): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (left) return text + " ".repeat(missing);
  return (zeros ? "0" : " ").repeat(missing) + text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** Quotes a string as Go does. */
export function quote(text: string, mark = '"'): string {
  const escaped = text.replaceAll(/[\\"']|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (one) => {
    if (one === '"' || one === "'") return one === mark ? `\\${one}` : one;
    const short = ESCAPES[one];
    if (short !== undefined) return short;
    const point = one.codePointAt(0) ?? 0;
    if (point < 0x80) return `\\x${point.toString(16).padStart(2, "0")}`;
    const hex = point.toString(16);
    return point > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
  return mark + escaped + mark;
}
