import type { Duration, Expr } from "../syntax/ast.ts";
import { createExecutionError } from "../errors.ts";
import type { Evaluation } from "./evaluation.ts";

/** Returns the milliseconds of a duration in this query. `step()` and `range()` refer to the whole query. */
export function toMilliseconds({ query, isRange }: Evaluation, duration: Duration): number {
  const step = isRange ? query.stepMs / 1_000 : 0;
  const range = (query.endMs - query.startMs) / 1_000;
  return Math.round(toSeconds(duration, step, range) * 1_000);
}

/** @throws TepalError QUERY_FAILED if a calculated range or step is not positive */
export function toPositiveMilliseconds(env: Evaluation, duration: Duration, of: Expr): number {
  const ms = toMilliseconds(env, duration);
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw createExecutionError(
    `duration must be greater than 0, but the one at ${of.start + 1} is ${ms / 1_000} s`,
  );
}

function toSeconds(duration: Duration, step: number, range: number): number {
  switch (duration.kind) {
    case "literal":
      return duration.seconds;
    case "step":
      return step;
    case "range":
      return range;
    case "minus":
      return -toSeconds(duration.operand, step, range);
    default: {
      const a = toSeconds(duration.left, step, range);
      const b = toSeconds(duration.right, step, range);
      return calculate(duration.kind, a, b);
    }
  }
}

function calculate(
  kind: "+" | "-" | "*" | "/" | "%" | "^" | "min" | "max",
  a: number,
  b: number,
): number {
  switch (kind) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "^":
      return a ** b;
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
  }
}
