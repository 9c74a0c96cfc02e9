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
import type { ExpositionParser, Metadata } from "./exposition.ts";
import { parseComment, parseSeries, parseValue, toBoundLabel } from "./exposition-line.ts";
import type { Labels } from "../series.ts";

/** A parsed series by its text, looked up first at the position of the previous scrape. */
interface KnownSeries {
  readonly text: string;
  readonly labels: Labels;
  /** Number of the last exposition that contained it. */
  seen: number;
}

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
        type = parseComment(text.slice(skipBlanks(text, at), end), line, metadata) ?? type;
      } else if (first !== LINE_FEED && !Number.isNaN(first)) {
        const guess = expected[found.length];
        // The type decides the format of bounds, but a line at the same position keeps its type.
        const isAsExpected =
          guess !== undefined &&
          text.startsWith(guess.text, at) &&
          isBlank(text.charCodeAt(at + guess.text.length)) &&
          text.charCodeAt(skipBlanks(text, at + guess.text.length)) !== BRACE;
        const series = isAsExpected ? guess : readSeries(text.slice(at, end), line, type);
        values.push(parseValue(text.slice(at + series.text.length, end), line, series.text));
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
