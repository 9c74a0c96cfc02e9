import { toMessage } from "../../kernel/errors.ts";
import { createMatcher } from "../../series/matcher.ts";
import { METRIC_NAME, type Matcher, type MatcherType } from "../../series/series.ts";
import type { Expr, VectorSelector } from "./ast.ts";
import { parseOffset, parseRange } from "./parse-duration.ts";
import type { TokenCursor } from "./token-cursor.ts";

const MATCHER_TYPES: ReadonlySet<string> = new Set(["=", "!=", "=~", "!~"]);
const MAX_TIME_SECONDS = 2 ** 63 / 1e3;

function isMatcherType(text: string): text is MatcherType {
  return MATCHER_TYPES.has(text);
}

/** Parses `up`, `up{job="api"}`, `{"up", job="api"}`; the cursor is at the name or the brace. */
export function parseVectorSelector(cursor: TokenCursor): VectorSelector {
  const { start } = cursor.token;
  const name = cursor.token.kind === "word" ? cursor.token.text : undefined;
  if (name !== undefined) cursor.take();
  const matchers = cursor.isSymbol("{") ? parseMatchers(cursor) : [];
  if (name !== undefined) {
    const inside = matchers.find((matcher) => matcher.name === METRIC_NAME);
    if (inside !== undefined) {
      const values = `${JSON.stringify(name)} or ${JSON.stringify(inside.value)}`;
      throw cursor.error(`metric name must not be set twice: ${values}`, start);
    }
    matchers.unshift(createMatcher(METRIC_NAME, "=", name));
  }
  // A selector that also matches series without the label would select every series of the store.
  if (matchers.every((matcher) => matcher.matches(""))) {
    throw cursor.error("vector selector must contain at least one non-empty matcher", start);
  }
  const end = cursor.lastEnd;
  return { kind: "vector selector", name, matchers, offset: undefined, at: undefined, start, end };
}

function parseMatchers(cursor: TokenCursor): Matcher[] {
  cursor.expectSymbol("{", "label matching");
  const matchers: Matcher[] = [];
  let quotedName: string | undefined;
  while (!cursor.isSymbol("}")) {
    const label = cursor.take();
    if (label.kind !== "string" && (label.kind !== "word" || label.text.includes(":"))) {
      throw cursor.error(
        `unexpected ${label.kind === "end" ? "end of input" : JSON.stringify(label.text)} in label matching, expected label name or "}"`,
        label.start,
      );
    }
    const name = label.kind === "string" ? label.value : label.text;
    const { token } = cursor;
    if (label.kind === "string" && (cursor.isSymbol(",") || cursor.isSymbol("}"))) {
      if (quotedName !== undefined) {
        const values = `${JSON.stringify(quotedName)} or ${JSON.stringify(name)}`;
        throw cursor.error(`metric name must not be set twice: ${values}`, label.start);
      }
      quotedName = name;
      matchers.push(createMatcher(METRIC_NAME, "=", name));
    } else {
      if (token.kind !== "symbol" || !isMatcherType(token.text)) {
        throw cursor.unexpected("label matching", "label matching operator");
      }
      cursor.take();
      const value = cursor.take();
      if (value.kind !== "string") {
        throw cursor.error("unexpected value in label matching, expected string", value.start);
      }
      try {
        const matcher = createMatcher(name, token.text, value.value);
        cursor.countInstructions(matcher.cost);
        matchers.push(matcher);
      } catch (error) {
        throw cursor.error(toMessage(error), value.start);
      }
    }
    if (!cursor.takeSymbol(",")) break;
  }
  cursor.expectSymbol("}", "label matching");
  return matchers;
}

/** Parses the suffixes of an expression: `[5m]`, `[1h:5m]`, `offset 5m`, `@ 1609746000`, in their order. */
export function parseModifiers(cursor: TokenCursor, of: Expr): Expr {
  let expr = of;
  for (;;) {
    const { token } = cursor;
    if (cursor.isSymbol("[")) expr = parseBrackets(cursor, expr);
    else if (cursor.isKeyword("offset")) expr = shift(cursor, expr, "offset");
    else if (cursor.isSymbol("@")) expr = shift(cursor, expr, "at");
    else if (cursor.isKeyword("anchored") || cursor.isKeyword("smoothed")) {
      const word = token.kind === "word" ? token.text : "";
      throw cursor.error(`the modifier ${word} is experimental in Prometheus and not supported`);
    } else return expr;
  }
}

function parseBrackets(cursor: TokenCursor, expr: Expr): Expr {
  const { start } = expr;
  const bracket = cursor.take();
  const range = parseRange(cursor);
  if (cursor.takeSymbol(":")) {
    const step = cursor.isSymbol("]") ? undefined : parseRange(cursor);
    cursor.expectSymbol("]", "subquery selector");
    const unmoved = { offset: undefined, at: undefined };
    return { kind: "subquery", expr, range, step, ...unmoved, start, end: cursor.lastEnd };
  }
  cursor.expectSymbol("]", "subquery or range selector");
  if (expr.kind !== "vector selector") {
    throw cursor.error("ranges only allowed for vector selectors", bracket.start);
  }
  if (expr.offset !== undefined || expr.at !== undefined) {
    const what = expr.offset === undefined ? "@" : "offset";
    throw cursor.error(`no ${what} modifiers allowed before range`, bracket.start);
  }
  return { kind: "range selector", selector: expr, range, start, end: cursor.lastEnd };
}

function shift(cursor: TokenCursor, expr: Expr, by: "offset" | "at"): Expr {
  const { start } = cursor.token;
  if (expr.kind === "range selector") {
    const selector = shift(cursor, expr.selector, by);
    if (selector.kind !== "vector selector") return expr;
    return { ...expr, selector: { ...selector, end: expr.selector.end }, end: cursor.lastEnd };
  }
  const modifier = by === "offset" ? "offset" : "@";
  if (expr.kind !== "vector selector" && expr.kind !== "subquery") {
    throw cursor.error(
      `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
      start,
    );
  }
  if (expr[by] !== undefined) {
    throw cursor.error(`${modifier} may not be set multiple times`, start);
  }
  cursor.take();
  const value = by === "offset" ? { offset: parseOffset(cursor) } : { at: parseTime(cursor) };
  return { ...expr, ...value, end: cursor.lastEnd };
}

/** Parses the time after `@`: seconds since 1970, `start()` or `end()`. */
function parseTime(cursor: TokenCursor): number | "start" | "end" {
  for (const word of ["start", "end"] as const) {
    if (!cursor.takeKeyword(word)) continue;
    cursor.expectSymbol("(", "@");
    cursor.expectSymbol(")", "@");
    return word;
  }
  const { start } = cursor.token;
  const sign = cursor.takeSymbol("-") ? -1 : 1;
  if (sign > 0) cursor.takeSymbol("+");
  const { token } = cursor;
  if (token.kind !== "number" && token.kind !== "duration") {
    const word = token.kind === "word" ? token.text.toLowerCase() : "";
    if (word === "inf" || word === "nan") {
      throw cursor.error("timestamp out of bounds for @ modifier", start);
    }
    throw cursor.unexpected("@", "timestamp");
  }
  cursor.take();
  if (token.value >= MAX_TIME_SECONDS) {
    throw cursor.error("timestamp out of bounds for @ modifier", start);
  }
  return sign * Math.round(token.value * 1_000);
}
