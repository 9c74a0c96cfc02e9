import { DURATION_UNITS } from "./duration-units.ts";
import { createParseError } from "../errors.ts";
import { readString } from "./string-literals.ts";
import type { Span } from "./ast.ts";

export type Token = Span &
  (
    | { readonly kind: "end" }
    /** A word; it may contain `:`. */
    | { readonly kind: "word"; readonly text: string }
    | { readonly kind: "number"; readonly value: number; readonly text: string }
    /** `5m`, `1h30m`: a number of seconds that may also be used as a number. */
    | { readonly kind: "duration"; readonly value: number; readonly text: string }
    | { readonly kind: "string"; readonly value: string; readonly text: string }
    | { readonly kind: "symbol"; readonly text: string }
  );

/** Longer operators first. */
const SYMBOLS = ["==", "=~", "!=", "!~", ">=", "<=", "=", ">", "<", "+", "-", "*", "/", "%", "^"];
const SINGLE = "(){}[],:@";
const WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const DURATION = /(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?/y;
const NUMBER =
  /0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
const SPACE = /(?:[ \t\r\n]+|#[^\n]*)*/y;
const WORD_CHARACTER = /[A-Za-z0-9_.]/;
const UNIT_MS: ReadonlyMap<string, number> = new Map(DURATION_UNITS);

/** Splits a query into tokens without comments and white space. The last token is "end". */
export function tokenize(query: string): Token[] {
  // Go sees bytes that are not UTF-8; JavaScript has had this character since the string was decoded.
  const damaged = query.indexOf("\ufffd");
  if (damaged >= 0) throw createParseError(query, damaged, "invalid UTF-8 rune");
  const tokens: Token[] = [];
  let at = skip(query, 0);
  let brackets = 0;
  while (at < query.length) {
    const token = readToken(query, at, brackets > 0);
    tokens.push(token);
    if (token.kind === "symbol") brackets += toDepth(token.text);
    at = skip(query, token.end);
  }
  tokens.push({ kind: "end", start: query.length, end: query.length });
  return tokens;
}

function toDepth(symbol: string): number {
  if (symbol === "[") return 1;
  return symbol === "]" ? -1 : 0;
}

function skip(query: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(query);
  return SPACE.lastIndex;
}

function match(pattern: RegExp, query: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(query)?.[0] ?? "";
}

function readToken(query: string, start: number, inBrackets: boolean): Token {
  const first = query[start] ?? "";
  if (first === '"' || first === "'" || first === "`") {
    const { value, end } = readString(query, start);
    return { kind: "string", value, text: query.slice(start, end), start, end };
  }
  if (/[0-9]/.test(first) || (first === "." && /[0-9]/.test(query[start + 1] ?? ""))) {
    return readNumber(query, start);
  }
  const word = match(WORD, query, start);
  // In brackets, a colon separates a subquery's range from its step.
  if (word !== "" && !(inBrackets && first === ":")) {
    return { kind: "word", text: word, start, end: start + word.length };
  }
  const symbol =
    SYMBOLS.find((one) => query.startsWith(one, start)) ?? (SINGLE.includes(first) ? first : "");
  if (symbol === "") {
    throw createParseError(query, start, `unexpected character: ${JSON.stringify(first)}`);
  }
  return { kind: "symbol", text: symbol, start, end: start + symbol.length };
}

function readNumber(query: string, start: number): Token {
  const duration = match(DURATION, query, start);
  const durationEnd = start + duration.length;
  if (duration !== "" && !isInWord(query, durationEnd)) {
    return {
      kind: "duration",
      value: toSeconds(duration),
      text: duration,
      start,
      end: durationEnd,
    };
  }
  const text = match(NUMBER, query, start);
  const end = start + text.length;
  const value = isInWord(query, end) ? undefined : parseNumber(text);
  if (value === undefined) {
    const whole = /^[A-Za-z0-9_.]*/.exec(query.slice(start, start + 100))?.[0] ?? "";
    throw createParseError(query, start, `bad number or duration syntax: ${JSON.stringify(whole)}`);
  }
  return { kind: "number", value, text, start, end };
}

function isInWord(query: string, at: number): boolean {
  return WORD_CHARACTER.test(query[at] ?? "");
}

/**
 * Parses numbers as Go does: 0x1f, 0b11, 0o17, 017 (octal too), 1_000; undefined for other strings and numbers that are
 * too large.
 */
function parseNumber(written: string): number | undefined {
  if (written.endsWith("_") || /__|_\.|\._|_[eE]/.test(written)) return undefined;
  const text = written.replaceAll("_", "").toLowerCase();
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function toSeconds(duration: string): number {
  let milliseconds = 0;
  for (const [, count, unit = ""] of duration.matchAll(/(\d+)([a-z]+)/g)) {
    milliseconds += Number(count) * (UNIT_MS.get(unit) ?? Number.NaN);
  }
  return milliseconds / 1_000;
}
