/** The parts of one line of an exposition; parse-exposition.ts has the grammar. */
import { ExpositionError, type Metadata, type MetricType } from "./exposition.ts";
import { createLabels } from "../labels.ts";
import { normaliseBound, parseFloatText } from "./normalise-bound.ts";
import { BUCKET_LABEL, METRIC_NAME, type Labels } from "../series.ts";

const TYPES: ReadonlySet<string> = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);
const NO_METADATA: Metadata = { type: "unknown", help: "" };

const COMMENT = /#[ \t]+(HELP|TYPE)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+(.*))?$/sy;
const SERIES_NAME = /([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(\{)?/y;
const LABEL =
  /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[^\n])*)"[ \t]*(,|(?=\}))/y;
const LABELS_END = /[ \t]*\}/y;
const VALUE = /[ \t]+([^ \t]+)(?:[ \t]+(-?\d+))?[ \t]*$/y;
const VALUE_BEHIND_BRACE = /[ \t]*([^ \t]+)(?:[ \t]+(-?\d+))?[ \t]*$/y;

/** Parses a comment into the metadata. @returns the type if the line is a TYPE line */
export function parseComment(
  comment: string,
  line: number,
  metadata: Map<string, Metadata>,
): string | undefined {
  const parts = matchAt(COMMENT, comment, 0);
  if (parts === null) return undefined;
  const [, keyword, name = "", rest = ""] = parts;
  const before = metadata.get(name) ?? NO_METADATA;
  if (keyword === "HELP") {
    metadata.set(name, { ...before, help: unescapeHelp(rest) });
    return undefined;
  }
  if (!isType(rest)) {
    const expected = [...TYPES].join(", ");
    throw new ExpositionError(
      line,
      `type of ${name}: expected one of: ${expected}, got ${show(rest)}`,
    );
  }
  metadata.set(name, { ...before, type: rest === "untyped" ? "unknown" : rest });
  return rest;
}

function isType(text: string): text is MetricType {
  return TYPES.has(text);
}

/** Parses the labels at the beginning of a line, and returns the length of their text. */
export function parseSeries(
  text: string,
  line: number,
  type: string | undefined,
): { readonly length: number; readonly labels: Labels } {
  const named = matchAt(SERIES_NAME, text, 0);
  if (named === null) throw new ExpositionError(line, `expected a metric name in ${show(text)}`);
  const [whole, name = "", brace] = named;
  const pairs = new Map([[METRIC_NAME, name]]);
  if (brace === undefined) {
    return { length: whole.trimEnd().length, labels: createLabels(pairs) };
  }
  let at = whole.length;
  for (;;) {
    const closed = matchAt(LABELS_END, text, at);
    if (closed !== null) {
      for (const [key, value] of pairs) if (value === "") pairs.delete(key);
      return { length: at + closed[0].length, labels: createLabels(pairs) };
    }
    const label = matchAt(LABEL, text, at);
    if (label === null) {
      throw new ExpositionError(line, `expected name="value" or } at ${show(text.slice(at))}`);
    }
    const [pair, key = "", escaped = ""] = label;
    if (pairs.has(key)) throw new ExpositionError(line, `the label ${key} is repeated`);
    const value = unescapeValue(escaped, line);
    pairs.set(key, key === toBoundLabel(type) ? normaliseBound(value) : value);
    at += pair.length;
  }
}

/** Returns the label with numeric values (`le`, `quantile`) of a metric type. */
export function toBoundLabel(type: string | undefined): string {
  if (type === "histogram") return BUCKET_LABEL;
  return type === "summary" ? "quantile" : "";
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Parses the value after a series; a timestamp after it is checked and ignored. */
export function parseValue(text: string, line: number, series: string): number {
  const parts = matchAt(series.endsWith("}") ? VALUE_BEHIND_BRACE : VALUE, text, 0);
  const value = parts?.[1] === undefined ? undefined : parseFloatText(parts[1]);
  if (value !== undefined) return value;
  throw new ExpositionError(
    line,
    `expected a number with or without a timestamp in milliseconds, got ${show(text)}`,
  );
}

function unescapeHelp(text: string): string {
  return text.replaceAll(/\\([\\n])/g, (_, escaped) => (escaped === "n" ? "\n" : "\\"));
}

function unescapeValue(text: string, line: number): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(.)/gs, (_, escaped: string) => {
    if (escaped === "n") return "\n";
    if (escaped === "\\" || escaped === '"') return escaped;
    throw new ExpositionError(
      line,
      `\\${escaped} is not an escape sequence. Expected \\\\, \\" or \\n`,
    );
  });
}

const SHOWN = 60;

function show(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
