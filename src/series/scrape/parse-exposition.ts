/**
 * Parses the Prometheus text format 0.0.4 as strictly as Prometheus does:
 *
 *     exposition = { line "\n" }                      the last line feed may be missing
 *     line       = blank | comment | sample
 *     comment    = "#" blank "HELP" blank name [blank text] | "#" blank "TYPE" blank name blank type | "#" anything else
 *     sample     = name ["{" [label {"," label} [","]] "}"] blank value [blank timestamp]
 *     label      = blank label-name blank "=" blank '"' text with \\ \" \n '"' blank
 *
 * Timestamps are parsed and ignored: all samples of a scrape have its time (Prometheus's `honor_timestamps: false`).
 */
import {
  ExpositionError,
  type ExpositionParser,
  type Metadata,
  type MetricType,
} from "./exposition.ts";
import { createLabels } from "../labels.ts";
import { normaliseBound, parseFloatText } from "./normalise-bound.ts";
import { BUCKET_LABEL, METRIC_NAME, type Labels } from "../series.ts";

/** A parsed series by its text, looked up first at the position of the previous scrape. */
interface KnownSeries {
  readonly text: string;
  readonly labels: Labels;
  /** Number of the last exposition that contained it. */
  seen: number;
}

const TYPES: ReadonlySet<string> = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);
const NO_METADATA: Metadata = { type: "unknown", help: "" };

const COMMENT = /#[ \t]+(HELP|TYPE)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+(.*))?$/sy;
const SERIES_NAME = /([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(\{)?/y;
const LABEL =
  /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[^\n])*)"[ \t]*(,|(?=\}))/y;
const LABELS_END = /[ \t]*\}/y;
const VALUE = /[ \t]+([^ \t]+)(?:[ \t]+(-?\d+))?[ \t]*$/y;
const VALUE_BEHIND_BRACE = /[ \t]*([^ \t]+)(?:[ \t]+(-?\d+))?[ \t]*$/y;

const LINE_FEED = 10;
const TAB = 9;
const SPACE = 32;
const HASH = 35;
const BRACE = 123;

export function createExpositionParser(): ExpositionParser {
  const known = new Map<string, KnownSeries>();
  let expected: readonly KnownSeries[] = [];
  let parsing = 0;

  function parse(text: string): ReturnType<ExpositionParser["parse"]> {
    parsing += 1;
    const found: KnownSeries[] = [];
    const values: number[] = [];
    const metadata = new Map<string, Metadata>();
    let type: string | undefined;
    let line = 0;
    for (let at = 0; at < text.length;) {
      line += 1;
      let end = text.indexOf("\n", at);
      if (end < 0) end = text.length;
      const first = text.charCodeAt(skipBlanks(text, at));
      if (first === HASH) {
        type = readComment(text.slice(skipBlanks(text, at), end), line, metadata) ?? type;
      } else if (first !== LINE_FEED && !Number.isNaN(first)) {
        const guess = expected[found.length];
        // The type decides the format of bounds, but a line at the same position keeps its type.
        const isAsExpected =
          guess !== undefined &&
          text.startsWith(guess.text, at) &&
          isBlank(text.charCodeAt(at + guess.text.length)) &&
          text.charCodeAt(skipBlanks(text, at + guess.text.length)) !== BRACE;
        const series = isAsExpected ? guess : readSeries(text.slice(at, end), line, type);
        values.push(readValue(text.slice(at + series.text.length, end), line, series.text));
        series.seen = parsing;
        found.push(series);
      }
      at = end + 1;
    }
    forgetOthers(found.length);
    expected = found;
    return { series: found.map(({ labels }) => labels), values, metadata };
  }

  function readSeries(line: string, number: number, type: string | undefined): KnownSeries {
    const { length, labels } = parseSeries(line, number, type);
    // The same text under another type may be stored differently.
    const bound = toBoundLabel(type);
    const before = known.get(`${bound} ${line.slice(0, length)}`);
    if (before !== undefined) return before;
    // Copied, because a slice would keep the whole exposition in memory.
    const text = Buffer.from(line.slice(0, length)).toString();
    const series = { text, labels, seen: 0 };
    known.set(`${bound} ${text}`, series);
    return series;
  }

  /** Forgets series that the last exposition did not contain: a series that returns is a new one. */
  function forgetOthers(count: number): void {
    if (known.size === count) return;
    for (const [key, { seen }] of known) if (seen !== parsing) known.delete(key);
  }

  return { parse };
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** @returns the type if the line is a TYPE line */
function readComment(
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
    throw new ExpositionError(line, `the type of ${name} is ${show(rest)}; ${expected} are known`);
  }
  metadata.set(name, { ...before, type: rest === "untyped" ? "unknown" : rest });
  return rest;
}

function isType(text: string): text is MetricType {
  return TYPES.has(text);
}

/** Parses the labels at the beginning of a line, and returns the length of their text. */
function parseSeries(
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
      throw new ExpositionError(line, `name="value" or } is expected at ${show(text.slice(at))}`);
    }
    const [pair, key = "", escaped = ""] = label;
    if (pairs.has(key)) throw new ExpositionError(line, `the label ${key} is repeated`);
    const value = unescapeValue(escaped, line);
    pairs.set(key, key === toBoundLabel(type) ? normaliseBound(value) : value);
    at += pair.length;
  }
}

/** Returns the label with numeric values (`le`, `quantile`) of a metric type. */
function toBoundLabel(type: string | undefined): string {
  if (type === "histogram") return BUCKET_LABEL;
  return type === "summary" ? "quantile" : "";
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function readValue(text: string, line: number, series: string): number {
  const parts = matchAt(series.endsWith("}") ? VALUE_BEHIND_BRACE : VALUE, text, 0);
  const value = parts?.[1] === undefined ? undefined : parseFloatText(parts[1]);
  if (value !== undefined) return value;
  throw new ExpositionError(
    line,
    `a number, and perhaps a timestamp in milliseconds, is expected at ${show(text)}`,
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
