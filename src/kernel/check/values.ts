import { describeMismatch, SECRET, type Issue, type Parser } from "../check.ts";
import { parseDuration } from "../duration.ts";

/** Bounds of a number. `min` and `max` are allowed values, `above` and `below` are not. */
export interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
}

export function integer(range: Range = {}): Parser<number> {
  return numberParser("an integer", range, Number.isSafeInteger);
}

/** Accepts finite numbers. */
export function number(range: Range = {}): Parser<number> {
  return numberParser("a number", range, Number.isFinite);
}

function numberParser(
  noun: string,
  range: Range,
  isAllowed: (value: unknown) => boolean,
): Parser<number> {
  const expected = `${noun}${describeRange(range)}`;
  return {
    describe: () => expected,
    parse(given, coerce) {
      const isNumeric = typeof given === "string" && isNumericString(given);
      const value = coerce && isNumeric ? Number(given) : given;
      if (typeof value === "number" && isAllowed(value) && isInside(value, range)) return { value };
      const advice = isNumeric && !coerce ? "Write the number without quotes." : undefined;
      return fail(expected, given, advice);
    },
  };
}

function isNumericString(given: string): boolean {
  return given.trim() !== "" && !Number.isNaN(Number(given));
}

function isInside(value: number, range: Range): boolean {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = range;
  return value >= min && value <= max && value > above && value < below;
}

/** Describes a range to follow a noun: ` from 1 to 100`, ` ≥ 0`, ` > 0 and < 1`; empty for none. */
export function describeRange({ min, max, above, below }: Range, unit = ""): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}${unit}`;
  const bounds = [
    ...(min === undefined ? [] : [`≥ ${min}${unit}`]),
    ...(above === undefined ? [] : [`> ${above}${unit}`]),
    ...(max === undefined ? [] : [`≤ ${max}${unit}`]),
    ...(below === undefined ? [] : [`< ${below}${unit}`]),
  ];
  return bounds.length === 0 ? "" : ` ${bounds.join(" and ")}`;
}

export function boolean(): Parser<boolean> {
  const expected = "true or false";
  return {
    describe: () => expected,
    parse(given, coerce) {
      if (typeof given === "boolean") return { value: given };
      const isQuoted = given === "true" || given === "false";
      if (coerce && (isQuoted || given === "1" || given === "0")) {
        return { value: given === "true" || given === "1" };
      }
      return fail(expected, given, isQuoted ? "Write it without quotes." : undefined);
    },
  };
}

/** Accepts any of the listed values and nothing else. */
export function oneOf<const T extends string | number | boolean | null>(
  values: readonly T[],
): Parser<T> {
  const expected =
    values.length === 1 ? JSON.stringify(values[0]) : `one of: ${values.map(String).join(", ")}`;
  return {
    describe: () => expected,
    parse(given, coerce) {
      const found = values.findIndex(
        (value) =>
          value === given || (coerce && typeof given === "string" && String(value) === given),
      );
      return found < 0 ? fail(expected, given) : { value: values[found]! };
    },
  };
}

/** Restrictions of a string. Lengths are in UTF-16 code units. */
export interface StringLimits {
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  /** Source of a regular expression that matches the string. */
  readonly pattern?: string | undefined;
}

export function string({
  minLength = 0,
  maxLength = Infinity,
  pattern,
}: StringLimits = {}): Parser<string> {
  const expression = new RegExp(pattern ?? "", "u");
  const matching = pattern === undefined ? "" : ` that matches ${pattern}`;
  const expected = `${describeString(minLength, maxLength)}${matching}`;
  return {
    describe: () => expected,
    parse: (given) =>
      typeof given === "string" &&
      given.length >= minLength &&
      given.length <= maxLength &&
      expression.test(given)
        ? { value: given }
        : fail(expected, given),
  };
}

function describeString(minLength: number, maxLength: number): string {
  if (maxLength < Infinity) return `a string of ${minLength} to ${maxLength} characters`;
  if (minLength > 1) return `a string of at least ${minLength} characters`;
  return minLength === 1 ? "a non-empty string" : "a string";
}

/** Accepts an absolute http:// or https:// URL. */
export function url(): Parser<string> {
  return custom("a URL, for example http://127.0.0.1:8000", (given) =>
    toHttpUrl(given) === undefined ? undefined : String(given),
  );
}

/** Accepts the URL of a server, perhaps with a path prefix, and returns it without a trailing slash: paths are appended to it. */
export function baseUrl(): Parser<string> {
  return custom("a URL without query and password, for example http://127.0.0.1:8000", (given) => {
    const parsed = toHttpUrl(given);
    if (parsed === undefined) return undefined;
    const { origin, pathname, search, hash, username, password } = parsed;
    const isPlain = `${search}${hash}${username}${password}` === "";
    return isPlain ? `${origin}${pathname.replace(/\/+$/, "")}` : undefined;
  });
}

function toHttpUrl(given: unknown): URL | undefined {
  const parsed = typeof given === "string" ? URL.parse(given) : null;
  const isHttp = parsed?.protocol === "http:" || parsed?.protocol === "https:";
  return isHttp && parsed.hostname !== "" ? parsed : undefined;
}

/**
 * Reads a duration in seconds: a number, or with `coerce` a string as `parseDuration` reads it, with fractions and bare seconds.
 * @param range in seconds
 */
export function duration(range: Range = {}): Parser<number> {
  const seconds = number(range);
  const describe = (coerce: boolean): string =>
    coerce
      ? `a duration${describeRange(range, " s")}, for example 90s, 10m or 1h30m`
      : `a number of seconds${describeRange(range)}`;
  return {
    describe,
    parse(given, coerce) {
      const ms =
        coerce && typeof given === "string"
          ? parseDuration(given.trim(), { bareSeconds: true, fractions: true })
          : undefined;
      const parsed = seconds.parse(ms === undefined ? given : ms / 1_000, false);
      return "value" in parsed ? parsed : fail(describe(coerce), given);
    },
  };
}

/** Accepts null besides the parser's values. */
export function nullable<T>(parser: Parser<T>): Parser<T | null> {
  return {
    describe: parser.describe,
    parse: (given, coerce) => (given === null ? { value: null } : parser.parse(given, coerce)),
  };
}

/** Accepts what any of the parsers accepts. */
export function anyOf<T>(...parsers: readonly Parser<T>[]): Parser<T> {
  const describe = (coerce: boolean): string =>
    parsers.map((parser) => parser.describe(coerce)).join(" or ");
  return {
    describe,
    parse(given, coerce) {
      for (const parser of parsers) {
        const parsed = parser.parse(given, coerce);
        if ("value" in parsed) return parsed;
      }
      return fail(describe(coerce), given);
    },
  };
}

/** Accepts a function of a script. Nothing is known of its parameters. */
export function functionValue(): Parser<(...values: never) => unknown> {
  return custom("a function", (given) =>
    typeof given === "function" ? (given as (...values: never) => unknown) : undefined,
  );
}

/** Accepts everything. */
export function anything(): Parser<unknown> {
  return { describe: () => "a value", parse: (given) => ({ value: given }) };
}

/**
 * Makes a parser of a function.
 * @param expected a noun phrase
 * @param read returns undefined for a value that is not accepted
 * @param advice a sentence for messages
 */
export function custom<T>(
  expected: string,
  read: (given: unknown, coerce: boolean) => T | undefined,
  advice?: string,
): Parser<T> {
  return {
    describe: () => expected,
    parse(given, coerce) {
      const value = read(given, coerce);
      return value === undefined ? fail(expected, given, advice) : { value };
    },
  };
}

/**
 * Adds a condition to a parser.
 * @param findProblem returns a whole message in the grammar above; undefined if the value is accepted
 */
export function refine<T>(
  parser: Parser<T>,
  findProblem: (value: T) => string | undefined,
): Parser<T> {
  return {
    ...parser,
    parse(given, coerce) {
      const parsed = parser.parse(given, coerce);
      const message = "value" in parsed ? findProblem(parsed.value) : undefined;
      return message === undefined ? parsed : { issues: [{ path: [], message }] };
    },
  };
}

/** Keeps values out of messages. */
export function secret<T>(parser: Parser<T>): Parser<T> {
  return {
    ...parser,
    isSecret: true,
    parse(given, coerce) {
      const parsed = parser.parse(given, coerce);
      return "value" in parsed
        ? parsed
        : fail(parser.describe(coerce), SECRET, parsed.issues[0]?.advice);
    },
  };
}

/** Returns one issue of the value itself. */
export function fail(
  expected: string,
  given: unknown,
  advice?: string,
): { readonly issues: readonly Issue[] } {
  return { issues: [{ path: [], message: describeMismatch(expected, given, advice), advice }] };
}
