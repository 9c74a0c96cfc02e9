import type { Aggregation, Binary, Call, Expr } from "./ast.ts";
import { createParseError } from "../errors.ts";
import {
  isFunctionName,
  SIGNATURES,
  UNSUPPORTED,
  type Signature,
  type ValueType,
} from "./function-signatures.ts";
import { isComparison, isSetOperator } from "../evaluate/operators.ts";

/** Prometheus's names of the types. */
const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: "scalar",
  string: "string",
  vector: "instant vector",
  "range vector": "range vector",
};

/**
 * Returns the type of an expression after checking all types within it.
 *
 * @throws TepalError QUERY_INVALID with line and column
 */
export function checkTypes(query: string, expr: Expr): ValueType {
  switch (expr.kind) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "vector selector":
      return "vector";
    case "range selector":
      return "range vector";
    case "parens":
      return checkTypes(query, expr.expr);
    case "unary": {
      const type = checkTypes(query, expr.expr);
      if (type === "scalar" || type === "vector") return type;
      const wanted = `unary expression only allowed on expressions of type scalar or instant vector, got ${JSON.stringify(TYPE_NAMES[type])}`;
      throw createParseError(query, expr.start, wanted);
    }
    case "subquery": {
      const type = checkTypes(query, expr.expr);
      if (type === "vector") return "range vector";
      const wanted = `subquery is only allowed on instant vector, got ${TYPE_NAMES[type]} instead`;
      throw createParseError(query, expr.start, wanted);
    }
    case "call":
      return checkCall(query, expr);
    case "aggregation":
      return checkAggregation(query, expr);
    case "binary":
      return checkBinary(query, expr);
  }
}

function expectType(query: string, expr: Expr, wanted: ValueType, where: string): void {
  const type = checkTypes(query, expr);
  if (type === wanted) return;
  const message = `expected type ${TYPE_NAMES[wanted]} in ${where}, got ${TYPE_NAMES[type]}`;
  throw createParseError(query, expr.start, message);
}

function checkCall(query: string, call: Call): ValueType {
  const { name, args } = call;
  const quoted = JSON.stringify(name);
  if (!isFunctionName(name)) {
    const why = UNSUPPORTED.get(name);
    const message =
      why === undefined ? `unknown function with name ${quoted}` : `function ${quoted} ${why}`;
    throw createParseError(query, call.start, message);
  }
  const signature: Signature = SIGNATURES[name];
  const most = signature.repeats ? Infinity : signature.args.length;
  const least = signature.args.length - signature.optional;
  if (args.length < least || args.length > most) {
    const between = args.length < least ? `at least ${least}` : `at most ${most}`;
    const wanted = least === most ? String(least) : between;
    throw createParseError(
      query,
      call.start,
      `expected ${wanted} argument(s) in call to ${quoted}, got ${args.length}`,
    );
  }
  for (const [i, arg] of args.entries()) {
    const type = signature.args[Math.min(i, signature.args.length - 1)]!;
    expectType(query, arg, type, `call to function ${quoted}`);
  }
  return signature.returns;
}

function checkAggregation(query: string, { op, param, expr }: Aggregation): ValueType {
  expectType(query, expr, "vector", "aggregation expression");
  if (param !== undefined) {
    const type = op === "count_values" ? "string" : "scalar";
    expectType(query, param, type, "aggregation parameter");
  }
  return "vector";
}

function checkBinary(query: string, binary: Binary): ValueType {
  const { op, left, right, bool, matching } = binary;
  const fail = (at: number, message: string) => createParseError(query, at, message);
  const types = [left, right].map((side) => {
    const type = checkTypes(query, side);
    if (type !== "scalar" && type !== "vector") {
      throw fail(side.start, "binary expression must contain only scalar and instant vector types");
    }
    return type;
  });
  const scalars = types.filter((type) => type === "scalar").length;
  if (scalars === 0) return "vector";
  if (matching.on || matching.labels.length > 0) {
    throw fail(left.start, "vector matching only allowed between instant vectors");
  }
  if (isSetOperator(op)) {
    throw fail(
      left.start,
      `set operator ${JSON.stringify(op)} not allowed in binary scalar expression`,
    );
  }
  if (scalars < 2) return "vector";
  if (isComparison(op) && !bool) {
    throw fail(left.start, "comparisons between scalars must use BOOL modifier");
  }
  return "scalar";
}
