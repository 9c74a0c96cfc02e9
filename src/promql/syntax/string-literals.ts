import { createParseError } from "../errors.ts";

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};
const NUMERIC: Readonly<Record<string, readonly [digits: number, radix: number]>> = {
  x: [2, 16],
  u: [4, 16],
  U: [8, 16],
};
const LAST_CODE_POINT = 0x10ffff;

const encoder = new TextEncoder();
/** Keeps U+FEFF at the begin. Bytes that are not UTF-8 become U+FFFD. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Parses a string in Go's syntax: `"` and `'` with escapes, backquotes without. */
export function readString(query: string, start: number): { value: string; end: number } {
  const quote = query[start] ?? "";
  const end = findEnd(query, start, quote);
  const inside = query.slice(start + 1, end);
  const value =
    quote === "`" || !inside.includes("\\") ? inside : unescape(query, start + 1, end, quote);
  return { value, end: end + 1 };
}

function findEnd(query: string, start: number, quote: string): number {
  for (let at = start + 1; at < query.length; at++) {
    const character = query[at];
    if (character === quote) return at;
    if (quote === "`") continue;
    if (character === "\\") at++;
    else if (character === "\n") break;
  }
  const what = quote === "`" ? "raw string" : "quoted string";
  throw createParseError(query, start, `unterminated ${what}`);
}

/** Escapes may write single bytes, several of which form a character. */
function unescape(query: string, start: number, end: number, quote: string): string {
  const all: number[] = [];
  let at = start;
  while (at < end) {
    const escape = query.indexOf("\\", at);
    const stop = escape < 0 || escape >= end ? end : escape;
    all.push(...encoder.encode(query.slice(at, stop)));
    if (stop === end) break;
    const { bytes, next } = readEscape(query, stop, end, quote);
    all.push(...bytes);
    at = next;
  }
  return decoder.decode(Uint8Array.from(all));
}

function readEscape(
  query: string,
  at: number,
  end: number,
  quote: string,
): { bytes: Uint8Array; next: number } {
  const letter = query[at + 1] ?? "";
  const simple = letter === quote ? letter.charCodeAt(0) : ESCAPES[letter];
  if (simple !== undefined) return { bytes: Uint8Array.of(simple), next: at + 2 };
  const octal = /[0-7]/.test(letter);
  const [digits, radix] = octal ? [3, 8] : (NUMERIC[letter] ?? [0, 0]);
  const from = octal ? at + 1 : at + 2;
  const text = query.slice(from, Math.min(end, from + digits));
  const pattern = radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  if (digits === 0 || text.length < digits || !pattern.test(text)) {
    throw createParseError(query, at, "unknown or incomplete escape sequence");
  }
  const code = Number.parseInt(text, radix);
  const byte = octal || letter === "x";
  if (code > (byte ? 0xff : LAST_CODE_POINT) || (!byte && code >= 0xd800 && code < 0xe000)) {
    throw createParseError(query, at, "escape sequence is an invalid Unicode code point");
  }
  const bytes = byte ? Uint8Array.of(code) : encoder.encode(String.fromCodePoint(code));
  return { bytes, next: from + digits };
}
