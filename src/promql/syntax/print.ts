import type { Binary, Call, Duration, Expr, Subquery, VectorSelector } from "./ast.ts";
import { DURATION_UNITS } from "./duration-units.ts";
import { formatFloat } from "../format-number.ts";
import { METRIC_NAME } from "../../series/series.ts";

const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Prints PromQL that parses to the same expression.
 *
 * @example
 * ```ts
 * import { parse, print } from "tepal/promql";
 *
 * console.log(print(parse("up   ==0"))); // up == 0
 * ```
 */
export function print(expr: Expr): string {
  switch (expr.kind) {
    case "number":
      // A sign before it would be a separate operator with less precedence than `^`.
      return expr.value === Infinity ? "Inf" : formatFloat(expr.value);
    case "string":
      return quote(expr.value);
    case "vector selector":
      return printSelector(expr) + printShift(expr);
    case "range selector":
      return `${printSelector(expr.selector)}[${printRange(expr.range)}]${printShift(expr.selector)}`;
    case "subquery":
      return printSubquery(expr);
    case "call":
      return printCall(expr);
    case "aggregation": {
      const labels = expr.labels.map(printLabel).join(", ");
      const grouping = expr.without ? ` without (${labels})` : ` by (${labels})`;
      const args = expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
      const clause = expr.without || expr.labels.length > 0 ? `${grouping} ` : "";
      return `${expr.op}${clause}(${args.map(print).join(", ")})`;
    }
    case "binary":
      return printBinary(expr);
    case "unary":
      return expr.op + print(expr.expr);
    case "parens":
      return `(${print(expr.expr)})`;
  }
}

function printCall({ name, args }: Call): string {
  return `${name}(${args.map(print).join(", ")})`;
}

function printSelector({ name, matchers }: VectorSelector): string {
  const inside = name === undefined ? matchers : matchers.slice(1);
  const conditions = inside.map((one) => `${printLabel(one.name)}${one.type}${quote(one.value)}`);
  const braces = name === undefined || conditions.length > 0;
  return `${name ?? ""}${braces ? `{${conditions.join(",")}}` : ""}`;
}

function printSubquery(expr: Subquery): string {
  const step = expr.step === undefined ? "" : printRange(expr.step);
  return `${print(expr.expr)}[${printRange(expr.range)}:${step}]${printShift(expr)}`;
}

function printShift({ offset, at }: Pick<VectorSelector, "offset" | "at">): string {
  let text = "";
  if (at !== undefined)
    text += ` @ ${typeof at === "number" ? formatFloat(at / 1_000) : `${at}()`}`;
  if (offset !== undefined) text += ` offset ${printOffset(offset)}`;
  return text;
}

function printOffset(offset: Duration): string {
  return offset.kind === "minus" ? `-${printDuration(offset.operand)}` : printRange(offset);
}

function printRange(duration: Duration): string {
  return duration.kind === "literal" ? printSeconds(duration.seconds) : printDuration(duration);
}

/** Prints every operation in parentheses, so that none depends on precedence. */
function printDuration(duration: Duration): string {
  switch (duration.kind) {
    case "literal":
      return formatFloat(duration.seconds);
    case "step":
    case "range":
      return `${duration.kind}()`;
    case "minus":
      return `(-${printDuration(duration.operand)})`;
    case "min":
    case "max":
      return `${duration.kind}(${printDuration(duration.left)}, ${printDuration(duration.right)})`;
    default:
      return `(${printDuration(duration.left)} ${duration.kind} ${printDuration(duration.right)})`;
  }
}

/** Prints durations as Prometheus does: `1h30m`. A fraction of a millisecond stays a number of seconds. */
function printSeconds(seconds: number): string {
  let left = Math.round(Math.abs(seconds) * 1_000);
  if (left === 0 || left / 1_000 !== Math.abs(seconds)) return formatFloat(seconds);
  let text = seconds < 0 ? "-" : "";
  for (const [unit, milliseconds] of DURATION_UNITS) {
    const count = Math.floor(left / milliseconds);
    // Years and weeks only without a remainder: 8d instead of 1w1d.
    const isLong = unit === "y" || unit === "w";
    if (count === 0 || (isLong && left % milliseconds !== 0)) continue;
    text += `${count}${unit}`;
    left -= count * milliseconds;
  }
  return text;
}

function printBinary({ op, left, right, bool, matching }: Binary): string {
  let modifiers = bool ? " bool" : "";
  if (matching.on || matching.labels.length > 0 || matching.group !== "none") {
    modifiers += ` ${matching.on ? "on" : "ignoring"} (${matching.labels.map(printLabel).join(", ")})`;
  }
  if (matching.group !== "none") {
    modifiers += ` group_${matching.group} (${matching.include.map(printLabel).join(", ")})`;
  }
  return `${print(left)} ${op}${modifiers} ${print(right)}`;
}

function printLabel(name: string): string {
  return LEGACY_NAME.test(name) ? name : quote(name);
}

/** Prints labels as in Prometheus's messages: `{job="api"}`, sorted. */
export function printLabels(labels: ReadonlyMap<string, string>): string {
  const pairs = [...labels].map(([name, value]) => `${printLabel(name)}=${quote(value)}`);
  return `{${pairs.join(", ")}}`;
}

/**
 * Prints a series in the usual notation: `up{job="api"}`.
 *
 * @example
 * ```ts
 * import { createLabels, printSeries } from "tepal/promql";
 *
 * console.log(printSeries(createLabels({ __name__: "up", job: "api" }))); // up{job="api"}
 * ```
 */
export function printSeries(labels: ReadonlyMap<string, string>): string {
  const name = labels.get(METRIC_NAME) ?? "";
  const others = new Map(labels);
  others.delete(METRIC_NAME);
  return others.size === 0 && name !== "" ? name : name + printLabels(others);
}

const CONTROL: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quote(text: string): string {
  const escaped = text.replaceAll(/["\\\p{Cc}\ufffd]/gu, (one) => {
    if (one === '"' || one === "\\") return `\\${one}`;
    return CONTROL[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
