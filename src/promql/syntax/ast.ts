import type { Matcher } from "../../series/series.ts";

/** Where a node stands in its query: from the first character to behind the last one, counted from 0. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | RangeSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Parens;

export interface NumberLiteral extends Span {
  readonly kind: "number";
  readonly value: number;
}

export interface StringLiteral extends Span {
  readonly kind: "string";
  readonly value: string;
}

/** `up{job="api"} offset 5m @ 1609746000`. */
export interface VectorSelector extends Span, TimeShift {
  readonly kind: "vector selector";
  /** As written before the braces; undefined where it stands inside or nowhere. */
  readonly name: string | undefined;
  /** All conditions, that on the name among them. */
  readonly matchers: readonly Matcher[];
}

/** `up[5m]`; offset and `@` are the selector's. */
export interface RangeSelector extends Span {
  readonly kind: "range selector";
  readonly selector: VectorSelector;
  readonly range: Duration;
}

/** `rate(up[1m])[1h:5m]`. */
export interface Subquery extends Span, TimeShift {
  readonly kind: "subquery";
  readonly expr: Expr;
  readonly range: Duration;
  /** Undefined for the engine's default. */
  readonly step: Duration | undefined;
}

interface TimeShift {
  readonly offset: Duration | undefined;
  /** `@`: a time in milliseconds since 1970, or the first or the last step of the query. */
  readonly at: number | "start" | "end" | undefined;
}

export interface Call extends Span {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expr[];
}

export const AGGREGATORS = [
  "sum",
  "avg",
  "min",
  "max",
  "count",
  "group",
  "stddev",
  "stdvar",
  "quantile",
  "topk",
  "bottomk",
  "count_values",
] as const;
export type Aggregator = (typeof AGGREGATORS)[number];

export interface Aggregation extends Span {
  readonly kind: "aggregation";
  readonly op: Aggregator;
  /** The first argument of those that have two: k, the quantile, the label. */
  readonly param: Expr | undefined;
  readonly expr: Expr;
  /** The labels that stay (`by`), or that go (`without`). */
  readonly labels: readonly string[];
  readonly without: boolean;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
export type Comparison = "==" | "!=" | ">" | "<" | ">=" | "<=";
export type SetOperator = "and" | "or" | "unless";
export type BinaryOperator = ArithmeticOperator | Comparison | SetOperator;

export interface Binary extends Span {
  readonly kind: "binary";
  readonly op: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  readonly bool: boolean;
  readonly matching: Matching;
}

/** Which series of two vectors belong together. */
export interface Matching {
  /** `on(labels)`, or else `ignoring(labels)`. */
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly group: "none" | "left" | "right";
  /** `group_left(labels)`: taken over from the side of which there is one. */
  readonly include: readonly string[];
}

export interface Unary extends Span {
  readonly kind: "unary";
  readonly op: "+" | "-";
  readonly expr: Expr;
}

export interface Parens extends Span {
  readonly kind: "parens";
  readonly expr: Expr;
}

/** A length of time, which may be calculated: `[5m]`, `[step() * 4]`. */
export type Duration =
  | { readonly kind: "literal"; readonly seconds: number }
  | { readonly kind: "step" | "range" }
  | { readonly kind: "minus"; readonly operand: Duration }
  | {
      readonly kind: "+" | "-" | "*" | "/" | "%" | "^" | "min" | "max";
      readonly left: Duration;
      readonly right: Duration;
    };

/** An expression without the parentheses around it. */
export function unwrap(expr: Expr): Exclude<Expr, Parens> {
  let inner = expr;
  while (inner.kind === "parens") inner = inner.expr;
  return inner;
}

/** The expressions directly within one. */
export function toChildren(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "number":
    case "string":
    case "vector selector":
      return [];
    case "range selector":
      return [expr.selector];
    case "subquery":
    case "unary":
    case "parens":
      return [expr.expr];
    case "call":
      return expr.args;
    case "aggregation":
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
    case "binary":
      return [expr.left, expr.right];
  }
}

/** How many nodes lie above each other, without recursion: the answer decides whether recursion is safe. */
export function toDepth(expr: Expr): number {
  let level: readonly Expr[] = [expr];
  let depth = 0;
  for (; level.length > 0; depth++) level = level.flatMap(toChildren);
  return depth;
}
