import { AGGREGATION_TEXTS, FUNCTION_TEXTS } from "./function-texts.ts";
import type { ExprNode, Matching } from "./syntax.ts";

type Node<K extends ExprNode["kind"]> = Extract<ExprNode, { kind: K }>;

/** Explains the step of one node in a sentence or two; the nodes below explain themselves. */
export function explain(node: ExprNode): string {
  switch (node.kind) {
    case "number":
      return explainNumber(node.text);
    case "string":
      return `The string ${node.text}.`;
    case "parens":
      return "Evaluates this part first.";
    case "unary":
      return node.op === "-" ? "Changes the sign of each value." : "Keeps each value.";
    case "selector":
      return explainSelector(node);
    case "subquery":
      return explainSubquery(node);
    case "call":
      return FUNCTION_TEXTS.get(node.name)?.text ?? `Calls the function ${node.name}.`;
    case "aggregation":
      return explainAggregation(node);
    case "binary":
      return explainBinary(node);
  }
}

const UNITS: Readonly<Record<string, string>> = {
  ms: "millisecond",
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  y: "year",
};

/** Writes a duration in words: `1h30m` as "1 hour 30 minutes". A calculated one stays. */
export function toWords(duration: string): string {
  const written = duration.trim();
  if (/^\d+(?:\.\d+)?$/.test(written)) return `${written} second${written === "1" ? "" : "s"}`;
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(written)) return written;
  return Array.from(written.matchAll(/(\d+)(ms|[smhdwy])/g), ([, count = "", unit = ""]) => {
    const word = UNITS[unit] ?? unit;
    return `${count} ${word}${count === "1" ? "" : "s"}`;
  }).join(" ");
}

function explainNumber(text: string): string {
  const words = toWords(text);
  return /[a-z]$/i.test(text) && words !== text ? `${words}, in seconds.` : `The number ${text}.`;
}

const MATCHES: Readonly<Record<string, string>> = {
  "=": "is",
  "!=": "is not",
  "=~": "matches the regular expression",
  "!~": "does not match the regular expression",
};

function explainSelector({ name, matchers, range, offset, at }: Node<"selector">): string {
  const conditions = matchers.map(
    ({ label, op, value }) => `${label} ${MATCHES[op] ?? op} ${JSON.stringify(value)}`,
  );
  const where = conditions.length === 0 ? "" : ` where ${joinWords(conditions)}`;
  const series = `the series${name === undefined ? "" : ` of ${name}`}${where}`;
  const shift = explainShift({ offset, at });
  return range === undefined
    ? `Selects ${series}: the newest sample of each${shift}.`
    : `Selects ${series}: all samples of each within ${toWords(range)}${shift}.`;
}

function explainSubquery({ range, step, offset, at }: Node<"subquery">): string {
  const every = step === undefined ? "in the default step" : `every ${toWords(step)}`;
  return `Evaluates the inner expression ${every} within ${toWords(range)}${explainShift({ offset, at })}: the results are the samples of a range.`;
}

function explainShift({
  offset,
  at,
}: {
  readonly offset: string | undefined;
  readonly at: string | undefined;
}): string {
  let words = "";
  if (offset !== undefined) {
    words += offset.startsWith("-")
      ? `, ${toWords(offset.slice(1))} later`
      : `, ${toWords(offset)} earlier`;
  }
  if (at === undefined) return words;
  if (/^start\b/.test(at)) return `${words}, always at the first step of the query`;
  if (/^end\b/.test(at)) return `${words}, always at the last step of the query`;
  return `${words}, always at the time ${at} (seconds since 1970)`;
}

/** Aggregations with a parameter before the series. */
const PARAMETERS: Readonly<Record<string, (text: string) => string>> = {
  quantile: (text) => `Returns the ${text}-quantile of the values`,
  topk: (text) => `Keeps the ${text} series with the largest values`,
  bottomk: (text) => `Keeps the ${text} series with the smallest values`,
  count_values: (text) =>
    `Counts the series with each value, and writes the value into the label ${text},`,
  limitk: (text) => `Keeps ${text} series`,
  limit_ratio: (text) => `Keeps the share ${text} of the series`,
};

function explainAggregation({ op, grouping, labels, children }: Node<"aggregation">): string {
  const [parameter] = children;
  const isLiteral = parameter?.kind === "number" || parameter?.kind === "string";
  const what =
    children.length > 1 && isLiteral ? PARAMETERS[op]?.(parameter.text) : AGGREGATION_TEXTS.get(op);
  const action = what ?? `Aggregates by ${op}`;
  if (grouping === "by" && labels.length > 0) {
    return `${action} for each ${labels.length === 1 ? "value" : "combination"} of ${joinWords(labels)}.`;
  }
  if (grouping === "without" && labels.length > 0) {
    return `${action} of series that differ only in ${joinWords(labels)}.`;
  }
  return grouping === "without"
    ? `${action} of series with equal labels.`
    : `${action} of all series.`;
}

const ARITHMETIC: Readonly<Record<string, string>> = {
  "+": "Adds the right side to the left side",
  "-": "Subtracts the right side from the left side",
  "*": "Multiplies both sides",
  "/": "Divides the left side by the right side",
  "%": "Returns the remainder of the left side divided by the right side",
  "^": "Raises the left side to the power of the right side",
  atan2: "Returns the angle of the point whose y is the left and whose x is the right side",
};

const COMPARISONS: Readonly<Record<string, string>> = {
  "==": "is equal to",
  "!=": "is not equal to",
  ">": "is greater than",
  "<": "is less than",
  ">=": "is at least",
  "<=": "is at most",
};

const SETS: Readonly<Record<string, string>> = {
  and: "Keeps the series on the left that have a partner on the right",
  or: "Keeps the series on the left, and those on the right that have no partner on the left",
  unless: "Keeps the series on the left that have no partner on the right",
};

function explainBinary(node: Node<"binary">): string {
  const { op, bool, matching, children } = node;
  const pairs = children.every((side) => !isScalar(side)) ? ` ${explainMatching(matching)}` : "";
  const set = SETS[op];
  if (set !== undefined) return `${set}.${pairs}`;
  const relation = COMPARISONS[op];
  if (relation === undefined) return `${ARITHMETIC[op] ?? `Applies ${op}`}.${pairs}`;
  const condition = `the left side ${relation} the right side`;
  return bool || children.every(isScalar)
    ? `Returns 1 where ${condition}, and 0 elsewhere.${pairs}`
    : `Keeps the series where ${condition}, with their values.${pairs}`;
}

function explainMatching(matching: Matching | undefined): string {
  if (matching === undefined) return "Series are partners if all of their labels are equal.";
  const { on, labels, group, include } = matching;
  const list = joinWords(labels);
  let text = "";
  if (on && labels.length === 0) text = "All series are partners.";
  else if (on) text = `Series are partners if ${list} ${labels.length === 1 ? "is" : "are"} equal.`;
  else if (labels.length === 0) text = "Series are partners if all of their labels are equal.";
  else text = `Series are partners if all labels except ${list} are equal.`;
  if (group === undefined) return text;
  const [many, one] = group === "left" ? ["left", "right"] : ["right", "left"];
  text += ` Several series on the ${many} may have the same partner on the ${one}`;
  return include.length === 0 ? `${text}.` : `${text}, from which they get ${joinWords(include)}.`;
}

const SCALAR_CALLS: ReadonlySet<string> = new Set([
  "end",
  "pi",
  "range",
  "scalar",
  "start",
  "step",
  "time",
]);

function isScalar(node: ExprNode): boolean {
  if (node.kind === "number") return true;
  if (node.kind === "call") return SCALAR_CALLS.has(node.name);
  const hasOnlyOperands = node.kind === "parens" || node.kind === "unary" || node.kind === "binary";
  return hasOnlyOperands && node.children.every(isScalar);
}

/** Joins words as a sentence does: "a, b and c". */
function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
