import { TemplateError } from "./ast.ts";

/** Plain text, or the tokens of an action between `{{` and `}}`. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly at: number };

export interface Token {
  readonly kind: "word" | "field" | "variable" | "string" | "number" | "symbol" | "end";
  /** A field without its dot; a string without quotes and with escapes decoded. */
  readonly text: string;
  readonly at: number;
  /** True if it follows the previous token without space. */
  readonly glued: boolean;
}

const TOKEN =
  /(?<space>[ \t\r\n]+)|(?<raw>`[^`]*`)|(?<quoted>"(?:[^"\\\n]|\\.)*")|(?<rune>'(?:[^'\\\n]|\\.[^'\n]*)')|(?<number>[+-]?(?:0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|\.(?<field>[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<symbol>:=|[|(),=.])/uy;

/** @throws TemplateError for unclosed actions, and for characters that start no token */
export function splitTemplate(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trimStart = false;
  for (;;) {
    const open = template.indexOf("{{", from);
    let text = template.slice(from, open < 0 ? undefined : open);
    if (trimStart) text = text.replace(/^[ \t\r\n]+/, "");
    const trimEnd = open >= 0 && /^-[ \t\r\n]/.test(template.slice(open + 2, open + 4));
    if (trimEnd) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") pieces.push({ kind: "text", text });
    if (open < 0) return pieces;
    const start = open + (trimEnd ? 3 : 2);
    const action = readAction(template, start, open);
    if (action.tokens !== undefined)
      pieces.push({ kind: "action", tokens: action.tokens, at: open });
    ({ from, trimStart } = action);
  }
}

interface ReadAction {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined;
  readonly from: number;
  readonly trimStart: boolean;
}

function readAction(template: string, start: number, open: number): ReadAction {
  const comment = /[ \t\r\n]*\/\*[^]*?\*\/(?<trim>[ \t\r\n]+-)?\}\}/y;
  comment.lastIndex = start;
  const found = comment.exec(template);
  if (found !== null) {
    const trimStart = found.groups?.["trim"] !== undefined;
    return { tokens: undefined, from: comment.lastIndex, trimStart };
  }
  const tokens: Token[] = [];
  let at = start;
  let glued = false;
  for (;;) {
    const trimStart = /^[ \t\r\n]-\}\}/.test(template.slice(at - 1, at + 3));
    if (trimStart || template.startsWith("}}", at)) {
      const from = at + (trimStart ? 3 : 2);
      tokens.push({ kind: "end", text: "}}", at, glued });
      return { tokens, from, trimStart };
    }
    if (at >= template.length) throw new TemplateError("unclosed action", open);
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(template)?.groups;
    if (groups === undefined) {
      const character = String.fromCodePoint(template.codePointAt(at) ?? 0);
      const message =
        character === '"' || character === "`" || character === "'"
          ? "unterminated quoted string"
          : `unexpected "${character}" in action`;
      throw new TemplateError(message, at);
    }
    if (groups["space"] === undefined) tokens.push(toToken(groups, at, glued));
    glued = groups["space"] === undefined;
    at = TOKEN.lastIndex;
  }
}

function toToken(
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
  glued: boolean,
): Token {
  const { raw, quoted, rune, number, field, variable, word, symbol = "" } = groups;
  if (raw !== undefined)
    return { kind: "string", text: raw.slice(1, -1).replaceAll("\r", ""), at, glued };
  if (quoted !== undefined) return { kind: "string", text: unquote(quoted, at), at, glued };
  if (rune !== undefined) return { kind: "number", text: toRune(rune, at), at, glued };
  if (number !== undefined) return { kind: "number", text: number, at, glued };
  if (field !== undefined) return { kind: "field", text: field, at, glued };
  if (variable !== undefined) return { kind: "variable", text: variable, at, glued };
  if (word !== undefined) return { kind: "word", text: word, at, glued };
  return { kind: "symbol", text: symbol, at, glued };
}

/** A character in single quotes, `'a'`, is a number in Go: its code point. */
function toRune(quoted: string, at: number): string {
  const text = unquote(quoted, at);
  const point = text.codePointAt(0);
  if (point === undefined || String.fromCodePoint(point) !== text) {
    throw new TemplateError(
      `malformed character constant: ${quoted}; write strings in double quotes`,
      at,
    );
  }
  return String(point);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** Decodes Go's escapes. Rejects bytes above 127 (`\xff`), which are not UTF-8 on their own. */
function unquote(quoted: string, at: number): string {
  return quoted
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
      (
        escape: string,
        hex: string | undefined,
        octal: string | undefined,
        short: string | undefined,
        long: string | undefined,
        simple: string | undefined,
      ) => {
        const byte =
          hex === undefined ? octal && Number.parseInt(octal, 8) : Number.parseInt(hex, 16);
        if (typeof byte === "number" && byte < 128) return String.fromCodePoint(byte);
        const digits = short ?? long;
        const point = digits === undefined ? undefined : Number.parseInt(digits, 16);
        if (point !== undefined && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000)) {
          return String.fromCodePoint(point);
        }
        const replaced = simple === undefined ? undefined : SIMPLE_ESCAPES[simple];
        if (replaced === undefined) throw new TemplateError(`unknown escape ${escape}`, at);
        return replaced;
      },
    );
}
