import type { Duration } from "./ast.ts";
import type { TokenCursor } from "./token-cursor.ts";

/** Maximum of 64 bits of nanoseconds: about 292 years. */
const MAX_SECONDS = 2 ** 63 / 1e9;

const BINARY = {
  "+": { power: 1, rightFirst: false },
  "-": { power: 1, rightFirst: false },
  "*": { power: 2, rightFirst: false },
  "/": { power: 2, rightFirst: false },
  "%": { power: 2, rightFirst: false },
  "^": { power: 4, rightFirst: true },
} as const;
type DurationOperator = keyof typeof BINARY;
const UNARY_POWER = 3;

function isOperator(text: string): text is DurationOperator {
  return Object.hasOwn(BINARY, text);
}

/** Parses a range or a step: positive, as far as that is known before the query runs. */
export function parseRange(cursor: TokenCursor): Duration {
  const { start } = cursor.token;
  const duration = parseSum(cursor, 0);
  if (duration.kind === "literal" && duration.seconds <= 0) {
    throw cursor.error("duration must be greater than 0", start);
  }
  return duration;
}

/** Parses a signed duration after `offset`; a calculated one has parentheses. */
export function parseOffset(cursor: TokenCursor): Duration {
  const negative = cursor.isSymbol("-");
  if (negative || cursor.isSymbol("+")) cursor.take();
  const duration = parseOperand(cursor);
  return negative ? negate(duration) : duration;
}

function parseSum(cursor: TokenCursor, least: number): Duration {
  return cursor.deeper(() => {
    let left = parseSigned(cursor);
    for (;;) {
      const { token } = cursor;
      if (token.kind !== "symbol" || !isOperator(token.text)) return left;
      const { power, rightFirst } = BINARY[token.text];
      if (power < least) return left;
      cursor.take();
      const right = parseSum(cursor, rightFirst ? power : power + 1);
      const divides = token.text === "/" || token.text === "%";
      if (divides && right.kind === "literal" && right.seconds === 0) {
        throw cursor.error(token.text === "/" ? "division by zero" : "modulo by zero", token.start);
      }
      left = { kind: token.text, left, right };
    }
  });
}

function parseSigned(cursor: TokenCursor): Duration {
  if (cursor.takeSymbol("-")) return negate(parseSum(cursor, UNARY_POWER));
  if (cursor.takeSymbol("+")) return parseSum(cursor, UNARY_POWER);
  return parseOperand(cursor);
}

function negate(operand: Duration): Duration {
  return operand.kind === "literal"
    ? { kind: "literal", seconds: -operand.seconds }
    : { kind: "minus", operand };
}

function parseOperand(cursor: TokenCursor): Duration {
  const { token } = cursor;
  if (token.kind === "number" || token.kind === "duration") {
    cursor.take();
    if (!(token.value < MAX_SECONDS)) throw cursor.error("duration out of range", token.start);
    return { kind: "literal", seconds: token.value };
  }
  if (cursor.takeSymbol("(")) {
    const inner = parseSum(cursor, 0);
    cursor.expectSymbol(")", "duration");
    return inner;
  }
  if (token.kind === "word" && cursor.following.kind === "symbol") {
    const name = token.text.toLowerCase();
    if (name === "step" || name === "range") {
      cursor.take();
      cursor.expectSymbol("(", "duration");
      cursor.expectSymbol(")", "duration");
      return { kind: name };
    }
    if (name === "min" || name === "max") {
      cursor.take();
      cursor.expectSymbol("(", "duration");
      const left = parseSum(cursor, 0);
      cursor.expectSymbol(",", "duration");
      const right = parseSum(cursor, 0);
      cursor.expectSymbol(")", "duration");
      return { kind: name, left, right };
    }
  }
  throw cursor.unexpected("duration", "number or duration");
}
