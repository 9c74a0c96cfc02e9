import type { Matcher } from "../../series/series.ts";

/** Source range of a node in its query: from its first character to after its last one, counted from 0. */
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
  /** The name before the braces; undefined if it is inside or missing. */
  readonly name: string | undefined;
  /** All matchers, including that on the name. */
  readonly matchers: readonly Matcher[];
}

/** `up[5m]`; offset and `@` belong to the selector. */
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
  /** First of two arguments: k, the quantile or the label. */
  readonly param: Expr | undefined;
  readonly expr: Expr;
  /** Labels that stay (`by`) or are dropped (`without`). */
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

/** Matching rules of two vectors. */
export interface Matching {
  /** `on(labels)`, or else `ignoring(labels)`. */
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly group: "none" | "left" | "right";
  /** `group_left(labels)`: copied from the "one" side. */
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

/** A duration, which may be calculated: `[5m]`, `[step() * 4]`. */
export type Duration =
  | { readonly kind: "literal"; readonly seconds: number }
  | { readonly kind: "step" | "range" }
  | { readonly kind: "minus"; readonly operand: Duration }
  | {
      readonly kind: "+" | "-" | "*" | "/" | "%" | "^" | "min" | "max";
      readonly left: Duration;
      readonly right: Duration;
    };

/** Returns an expression without its parentheses. */
export function unwrap(expr: Expr): Exclude<Expr, Parens> {
  let inner = expr;
  while (inner.kind === "parens") inner = inner.expr;
  return inner;
}

/** Returns the direct children of an expression. */
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

/** Returns the depth of the tree, without recursion: the result decides whether recursion is safe. */
export function toDepth(expr: Expr): number {
  let level: readonly Expr[] = [expr];
  let depth = 0;
  for (; level.length > 0; depth++) level = level.flatMap(toChildren);
  return depth;
}
