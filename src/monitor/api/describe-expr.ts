import { isSetOperator } from "../../promql/evaluate/operators.ts";
import type { Binary, Call, Duration, Expr, VectorSelector } from "../../promql/syntax/ast.ts";
import { checkTypes } from "../../promql/syntax/check-types.ts";
import {
  isFunctionName,
  SIGNATURES,
  type Signature,
  type ValueType,
} from "../../promql/syntax/function-signatures.ts";

/** Prometheus's names of types in its HTTP API. */
const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: "scalar",
  string: "string",
  vector: "vector",
  "range vector": "matrix",
};
const CARDINALITIES = { none: "one-to-one", left: "many-to-one", right: "one-to-many" } as const;

/** Describes a syntax tree in the form of Prometheus's `parse_query`. */
export function describeExpr(expr: Expr): object {
  switch (expr.kind) {
    case "number":
      return { type: "numberLiteral", val: formatNumber(expr.value) };
    case "string":
      return { type: "stringLiteral", val: expr.value };
    case "parens":
      return { type: "parenExpr", expr: describeExpr(expr.expr) };
    case "unary":
      // Prometheus reads a sign and a number as one number.
      if (expr.expr.kind === "number") {
        const { value } = expr.expr;
        return { type: "numberLiteral", val: formatNumber(expr.op === "-" ? -value : value) };
      }
      return { type: "unaryExpr", op: expr.op, expr: describeExpr(expr.expr) };
    case "vector selector":
      return { type: "vectorSelector", ...describeSelector(expr) };
    case "range selector":
      return {
        type: "matrixSelector",
        ...describeSelector(expr.selector),
        ...describeDuration("range", expr.range),
      };
    case "subquery":
      return {
        type: "subquery",
        expr: describeExpr(expr.expr),
        ...describeDuration("range", expr.range),
        ...describeDuration("step", expr.step),
        ...describeShift(expr),
      };
    case "call":
      return describeCall(expr);
    case "aggregation":
      return {
        type: "aggregation",
        op: expr.op,
        expr: describeExpr(expr.expr),
        param: expr.param === undefined ? null : describeExpr(expr.param),
        grouping: expr.labels,
        without: expr.without,
      };
    case "binary":
      return describeBinary(expr);
  }
}

function describeCall({ name, args }: Call): object {
  if (!isFunctionName(name)) throw new Error(`the type check let ${name} through`);
  const { args: types, optional, repeats, returns }: Signature = SIGNATURES[name];
  return {
    type: "call",
    func: {
      name,
      argTypes: types.map((type) => TYPE_NAMES[type]),
      variadic: repeats ? -1 : optional,
      returnType: TYPE_NAMES[returns],
    },
    args: args.map(describeExpr),
  };
}

function describeBinary({ op, left, right, bool, matching }: Binary): object {
  const { on, labels, group, include } = matching;
  const areVectors = [left, right].every((side) => checkTypes("", side) === "vector");
  return {
    type: "binaryExpr",
    op,
    lhs: describeExpr(left),
    rhs: describeExpr(right),
    matching: areVectors
      ? {
          card: isSetOperator(op) ? "many-to-many" : CARDINALITIES[group],
          labels,
          on,
          include,
          fillValues: { lhs: null, rhs: null },
        }
      : null,
    bool,
  };
}

function describeSelector(selector: VectorSelector): object {
  const { name, matchers } = selector;
  // Prometheus has the matcher of a name before the braces last.
  const sorted = name === undefined ? matchers : [...matchers.slice(1), ...matchers.slice(0, 1)];
  return {
    name: name ?? "",
    ...describeShift(selector),
    matchers: sorted.map((one) => ({ name: one.name, value: one.value, type: one.type })),
    anchored: false,
    smoothed: false,
  };
}

function describeShift({ offset, at }: Pick<VectorSelector, "offset" | "at">): object {
  return {
    ...describeDuration("offset", offset),
    timestamp: typeof at === "number" ? at : null,
    startOrEnd: typeof at === "string" ? at : null,
  };
}

/** Describes a duration as two fields: milliseconds, and the expression if it is calculated. */
function describeDuration(name: string, duration: Duration | undefined): object {
  const seconds = toSeconds(duration);
  return {
    [name]: seconds === undefined ? 0 : Math.round(seconds * 1_000),
    [`${name}Expr`]:
      seconds !== undefined || duration === undefined ? null : describeCalculation(duration),
  };
}

function toSeconds(duration: Duration | undefined): number | undefined {
  if (duration?.kind === "literal") return duration.seconds;
  if (duration?.kind !== "minus" || duration.operand.kind !== "literal") return undefined;
  return -duration.operand.seconds;
}

function describeCalculation(duration: Duration): object {
  switch (duration.kind) {
    case "literal":
      return { type: "numberLiteral", val: formatNumber(duration.seconds), duration: true };
    case "step":
    case "range":
      return { type: "durationExpr", op: duration.kind, lhs: null, rhs: null, wrapped: false };
    case "minus":
      return {
        type: "durationExpr",
        op: "-",
        lhs: null,
        rhs: describeCalculation(duration.operand),
        wrapped: false,
      };
    default:
      return {
        type: "durationExpr",
        op: duration.kind,
        lhs: describeCalculation(duration.left),
        rhs: describeCalculation(duration.right),
        wrapped: false,
      };
  }
}

/** Formats a number without an exponent, as Go's format `f` does. */
function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [digits = "", exponent] = String(Math.abs(value)).split("e");
  const sign = value < 0 ? "-" : "";
  if (exponent === undefined) return sign + digits;
  const [whole = "", fraction = ""] = digits.split(".");
  const point = whole.length + Number(exponent);
  const all = whole + fraction;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${all}`;
  return `${sign}${all.padEnd(point, "0")}`;
}
