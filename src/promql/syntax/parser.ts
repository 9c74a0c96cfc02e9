import {
  AGGREGATORS,
  toDepth,
  type Aggregator,
  type Binary,
  type BinaryOperator,
  type Expr,
} from "./ast.ts";
import { checkTypes } from "./check-types.ts";
import { createParseError } from "../errors.ts";
import { isComparison, isSetOperator } from "../evaluate/operators.ts";
import { parseGrouping, parseMatching } from "./parse-clauses.ts";
import { parseModifiers, parseVectorSelector } from "./parse-selector.ts";
import { TokenCursor } from "./token-cursor.ts";

export interface ParseLimits {
  /** Maximum number of characters. */
  readonly maxLength: number;
  /** Maximum nesting depth of parentheses, arguments and operators. */
  readonly maxDepth: number;
}

/** The default limits of `parse` and of an engine: 65,536 characters, 500 levels. */
export const PARSE_LIMITS: ParseLimits = { maxLength: 65_536, maxDepth: 500 };

/**
 * Precedence of binary operators. Operators of equal precedence are left-associative, only `^` is right-associative.
 */
const POWER: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  ">": 3,
  "<": 3,
  ">=": 3,
  "<=": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  atan2: 5,
  "^": 6,
};
/** A sign has the precedence of `*`: `-1 ^ 2` is −1, and `-a + b` is `(-a) + b`. */
const UNARY_POWER = 5;
const NO_METRICS: ReadonlySet<string> = new Set([
  "on",
  "ignoring",
  "bool",
  "group_left",
  "group_right",
  "atan2",
]);
const EXPERIMENTAL_AGGREGATORS: ReadonlySet<string> = new Set(["limitk", "limit_ratio"]);
const WITH_PARAM: ReadonlySet<string> = new Set(["quantile", "topk", "bottomk", "count_values"]);

/**
 * Parses PromQL and checks its types. Positions in the tree are offsets in UTF-16 units.
 *
 * @param limits maximum length and nesting depth; default `PARSE_LIMITS`
 * @throws TepalError QUERY_INVALID; its message starts with line and column, both 1-based
 * @example
 * ```ts
 * import { parse, print } from "tepal/promql";
 *
 * const expression = parse("sum by(job)(rate(requests_total[5m]))");
 * if (expression.kind === "aggregation") console.log(expression.op, expression.labels); // sum [ "job" ]
 * console.log(print(expression)); // sum by (job) (rate(requests_total[5m]))
 * ```
 */
export function parse(query: string, limits: ParseLimits = PARSE_LIMITS): Expr {
  if (query.length > limits.maxLength) {
    throw createParseError(query, 0, `expression is longer than ${limits.maxLength} characters`);
  }
  const cursor = new TokenCursor(query, limits.maxDepth);
  if (cursor.isAtEnd) throw createParseError(query, 0, "no expression found in input");
  const expr = parseExpr(cursor, 0);
  if (!cursor.isAtEnd) throw cursor.unexpected("expression", "end of input");
  // A chain of operators creates a deep tree without nesting that the parser could count.
  if (toDepth(expr) > limits.maxDepth) {
    throw createParseError(query, 0, `expression nests deeper than ${limits.maxDepth} levels`);
  }
  checkTypes(query, expr);
  return expr;
}

function parseExpr(cursor: TokenCursor, least: number): Expr {
  return cursor.deeper(() => {
    let left = parseUnary(cursor);
    for (;;) {
      const op = readOperator(cursor);
      if (op === undefined || POWER[op] < least) return left;
      left = parseBinary(cursor, left, op);
    }
  });
}

function readOperator(cursor: TokenCursor): BinaryOperator | undefined {
  const { token } = cursor;
  if (token.kind !== "symbol" && token.kind !== "word") return undefined;
  const text = token.text.toLowerCase();
  return Object.hasOwn(POWER, text) ? (text as BinaryOperator) : undefined;
}

function parseBinary(cursor: TokenCursor, left: Expr, op: BinaryOperator): Binary {
  cursor.take();
  const bool = cursor.takeKeyword("bool");
  if (bool && !isComparison(op)) {
    throw cursor.error("bool modifier can only be used on comparison operators", left.start);
  }
  const matching = parseMatching(cursor);
  if (matching.group !== "none" && isSetOperator(op)) {
    throw cursor.error(`no grouping allowed for ${JSON.stringify(op)} operation`, left.start);
  }
  const right = parseExpr(cursor, op === "^" ? POWER[op] : POWER[op] + 1);
  const span = { start: left.start, end: right.end };
  return { kind: "binary", op, left, right, bool, matching, ...span };
}

function parseUnary(cursor: TokenCursor): Expr {
  const { token } = cursor;
  if (token.kind !== "symbol" || (token.text !== "-" && token.text !== "+")) {
    return parseModifiers(cursor, parseOperand(cursor));
  }
  cursor.take();
  const expr = parseExpr(cursor, UNARY_POWER + 1);
  const { start } = token;
  if (expr.kind === "number") {
    return { ...expr, value: token.text === "-" ? -expr.value : expr.value, start };
  }
  return { kind: "unary", op: token.text, expr, start, end: expr.end };
}

function parseOperand(cursor: TokenCursor): Expr {
  const { token } = cursor;
  const { start, end } = token;
  switch (token.kind) {
    case "number":
    case "duration":
      cursor.take();
      return { kind: "number", value: token.value, start, end };
    case "string":
      cursor.take();
      return { kind: "string", value: token.value, start, end };
    case "word":
      return parseWord(cursor, token.text);
    case "symbol":
      if (token.text === "(") {
        cursor.take();
        const expr = parseExpr(cursor, 0);
        cursor.expectSymbol(")", "parenthesized expression");
        return { kind: "parens", expr, start, end: cursor.lastEnd };
      }
      if (token.text === "{") return parseVectorSelector(cursor);
  }
  throw cursor.unexpected("expression");
}

function parseWord(cursor: TokenCursor, text: string): Expr {
  const { following } = cursor;
  const { start, end } = cursor.token;
  const word = text.toLowerCase();
  const opens = following.kind === "symbol" && following.text === "(";
  const groups = cursor.isKeyword("by", following) || cursor.isKeyword("without", following);
  if (opens || groups) {
    const op = AGGREGATORS.find((one) => one === word);
    if (op !== undefined) return parseAggregation(cursor, op);
    if (EXPERIMENTAL_AGGREGATORS.has(word)) {
      throw cursor.error(`${word} is experimental in Prometheus and not supported`);
    }
  }
  if (word === "inf" || word === "nan") {
    cursor.take();
    return { kind: "number", value: word === "inf" ? Infinity : Number.NaN, start, end };
  }
  if (opens) {
    cursor.take();
    const args = parseArguments(cursor);
    return { kind: "call", name: text, args, start, end: cursor.lastEnd };
  }
  if (NO_METRICS.has(word)) throw cursor.unexpected("expression");
  return parseVectorSelector(cursor);
}

function parseArguments(cursor: TokenCursor): Expr[] {
  cursor.expectSymbol("(", "function call");
  const args: Expr[] = [];
  if (cursor.takeSymbol(")")) return args;
  do {
    if (cursor.isSymbol(")") && args.length > 0) {
      throw cursor.error("trailing commas not allowed in function call args");
    }
    args.push(parseExpr(cursor, 0));
  } while (cursor.takeSymbol(","));
  cursor.expectSymbol(")", "function call");
  return args;
}

function parseAggregation(cursor: TokenCursor, op: Aggregator): Expr {
  const { start } = cursor.token;
  cursor.take();
  let grouping = parseGrouping(cursor);
  const args = parseArguments(cursor);
  grouping ??= parseGrouping(cursor);
  const wanted = WITH_PARAM.has(op) ? 2 : 1;
  if (args.length === 0)
    throw cursor.error("no arguments for aggregate expression provided", start);
  if (args.length !== wanted) {
    throw cursor.error(
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
      start,
    );
  }
  const expr = args[wanted - 1]!;
  const param = wanted === 2 ? args[0] : undefined;
  const { labels, without } = grouping ?? { labels: [], without: false };
  return { kind: "aggregation", op, param, expr, labels, without, start, end: cursor.lastEnd };
}
