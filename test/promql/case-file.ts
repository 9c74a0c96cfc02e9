/**
 * Reads Prometheus's text format for cases (`promqltest`): loads, evaluations and expectations. A blank line, or one with `#`, ends
 * a block. docs/promql.md lists the supported parts.
 */
import { createLabels } from "../../src/series/labels.ts";
import type { Labels } from "../../src/series/series.ts";

export type Command = { readonly line: number } & (
  | { readonly kind: "clear" }
  | { readonly kind: "load"; readonly stepMs: number; readonly series: readonly SeriesLine[] }
  | { readonly kind: "eval"; readonly evaluation: EvaluationCase }
);

export interface SeriesLine {
  readonly labels: Labels;
  readonly values: readonly Sample[];
}

/** A number, a gap (null), or the end of a series. */
export type Sample = number | null | "stale";

export interface EvaluationCase {
  readonly line: number;
  readonly query: string;
  /** Time of an instant query; the steps of a range query. */
  readonly at: { readonly timeMs: number } | CaseRange;
  readonly expected: Expected;
}

export interface CaseRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

interface Expected {
  readonly fails: boolean;
  readonly ordered: boolean;
  readonly notes: readonly NoteExpectation[];
  /** Parts of the expected error message. */
  readonly errors: readonly TextExpectation[];
  readonly string: string | undefined;
  readonly scalar: number | undefined;
  /** Times of the samples of a range selector. */
  readonly window: CaseRange | undefined;
  readonly series: readonly SeriesLine[];
}

export interface TextExpectation {
  readonly kind: "message" | "regex";
  readonly text: string;
}

export interface NoteExpectation {
  readonly of: "warnings" | "infos";
  /** False if annotations are not allowed. */
  readonly some: boolean;
  readonly text: TextExpectation | undefined;
}

/** @throws Error that names the line with the problem */
export function readCaseFile(text: string): Command[] {
  const commands: Command[] = [];
  for (const block of toBlocks(text)) {
    const [first, ...rest] = block;
    if (first === undefined) continue;
    try {
      commands.push(readCommand(first, rest));
    } catch (error) {
      throw new Error(`line ${first.number}: ${String(error)}`, { cause: error });
    }
  }
  return commands;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

const COMMAND = /^(?:clear|load|load_with_nhcb|eval|eval_fail|eval_warn|eval_info|eval_ordered)\b/;

/** Returns each command with its lines. */
function toBlocks(text: string): Line[][] {
  const blocks: Line[][] = [];
  let open: Line[] | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = { number: index + 1, text: raw.trim() };
    if (line.text === "" || line.text.startsWith("#")) open = undefined;
    else if (open === undefined || COMMAND.test(line.text)) blocks.push((open = [line]));
    else open.push(line);
  }
  return blocks;
}

function readCommand(first: Line, rest: readonly Line[]): Command {
  const line = first.number;
  const [word] = first.text.split(/\s/, 1);
  switch (word) {
    case "clear":
      return { kind: "clear", line };
    case "load":
    case "load_with_nhcb": {
      const stepMs = toMilliseconds(first.text.slice(word.length).trim());
      return { kind: "load", line, stepMs, series: rest.map(({ text }) => readSeriesLine(text)) };
    }
    default:
      return { kind: "eval", line, evaluation: readEvaluation(first, rest) };
  }
}

const INSTANT = /^eval(?:_(\w+))?\s+instant\s+at\s+(\S+)\s+(.+)$/;
const RANGE = /^eval(?:_(\w+))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/;

function readEvaluation({ number, text }: Line, rest: readonly Line[]): EvaluationCase {
  const instant = INSTANT.exec(text);
  if (instant !== null) {
    const [, mode, time = "", query = ""] = instant;
    const at = { timeMs: toMilliseconds(time) };
    return { line: number, query, at, expected: readExpected(mode, rest) };
  }
  const range = RANGE.exec(text);
  if (range === null) throw new Error(`cannot read ${JSON.stringify(text)}`);
  const [, mode, start = "", end = "", step = "", query = ""] = range;
  const at = toRange(start, end, step);
  return { line: number, query, at, expected: readExpected(mode, rest) };
}

function toRange(start: string, end: string, step: string): CaseRange {
  return {
    startMs: toMilliseconds(start),
    endMs: toMilliseconds(end),
    stepMs: toMilliseconds(step),
  };
}

const EXPECT = /^expect\s+(fail|warn|info|no_warn|no_info|ordered)(?:\s+(msg|regex):\s*(.+))?$/;
const WINDOW = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/;
const STRING = /^expect\s+string\s+(["'`])(.*)\1$/;
/** The forms before `expect` existed. */
const MODES: Readonly<Record<string, string>> = {
  fail: "expect fail",
  warn: "expect warn",
  info: "expect info",
  ordered: "expect ordered",
};

function readExpected(mode: string | undefined, lines: readonly Line[]): Expected {
  const texts = lines.map(({ text }) => text);
  if (mode !== undefined) texts.unshift(MODES[mode] ?? `expect ${mode}`);
  const notes: NoteExpectation[] = [];
  const errors: TextExpectation[] = [];
  const series: SeriesLine[] = [];
  let fails = false;
  let ordered = false;
  let string: string | undefined;
  let scalar: number | undefined;
  let window: CaseRange | undefined;
  for (const text of texts) {
    const expect = EXPECT.exec(text);
    const range = WINDOW.exec(text);
    if (expect !== null) {
      const [, what = "", how, wanted = ""] = expect;
      const kind = how === "regex" ? "regex" : "message";
      const said: TextExpectation | undefined =
        how === undefined ? undefined : { kind, text: wanted };
      if (what === "fail") {
        fails = true;
        if (said !== undefined) errors.push(said);
      } else if (what === "ordered") ordered = true;
      else {
        const of = what.endsWith("warn") ? "warnings" : "infos";
        notes.push({ of, some: !what.startsWith("no_"), text: said });
      }
    } else if (range !== null) window = toRange(range[1]!, range[2]!, range[3]!);
    else if (STRING.test(text)) string = STRING.exec(text)?.[2];
    else if (text.startsWith("expect")) throw new Error(`cannot read ${JSON.stringify(text)}`);
    else if (/^[+-]?(?:[\d.]|inf\b|nan\b)\S*$/i.test(text)) scalar = toNumber(text);
    else series.push(readSeriesLine(text));
  }
  return { fails, ordered, notes, errors, string, scalar, window, series };
}

const METRIC = /^[a-zA-Z_:][\w:]*/;
const LABEL =
  /\s*(?:([a-zA-Z_]\w*)|"([^"]*)")\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(,|\})/y;

/** `up{job="api"} 1 2x3 _ stale`. */
function readSeriesLine(text: string): SeriesLine {
  const pairs: [string, string][] = [];
  const name = METRIC.exec(text)?.[0] ?? "";
  if (name !== "") pairs.push(["__name__", name]);
  let at = name.length;
  if (text[at] === "{") {
    at++;
    for (let closed = /^\s*\}/.test(text.slice(at)); !closed;) {
      LABEL.lastIndex = at;
      const label = LABEL.exec(text);
      if (label === null) throw new Error(`cannot read the labels of ${JSON.stringify(text)}`);
      pairs.push([label[1] ?? label[2] ?? "", unquote(label[3]!)]);
      at = LABEL.lastIndex;
      closed = label[4] === "}" || /^\s*\}/.test(text.slice(at));
      if (label[4] === "}") at--;
    }
    at = text.indexOf("}", at) + 1;
  }
  const words = text.slice(at).trim().split(/\s+/);
  return { labels: createLabels(pairs), values: words[0] === "" ? [] : words.flatMap(toSamples) };
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
}

const NUMBER = String.raw`[+-]?(?:inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)`;
const SEQUENCE = new RegExp(`^(${NUMBER}|_|stale)([+-](?:${NUMBER}))?(?:x(\\d+))?$`, "i");

function toSamples(word: string): Sample[] {
  const parts = SEQUENCE.exec(word);
  if (parts === null) throw new Error(`cannot read the value ${JSON.stringify(word)}`);
  const [, first = "", step, times] = parts;
  if (first === "_") return Array.from({ length: Number(times ?? 1) }, () => null);
  const count = times === undefined ? 1 : Number(times) + 1;
  if (first === "stale") return Array.from({ length: count }, () => "stale" as const);
  const samples: number[] = [];
  // Added one after the other, as Prometheus does.
  let value = toNumber(first);
  for (let i = 0; i < count; i++) {
    samples.push(value);
    value += step === undefined ? 0 : toNumber(step);
  }
  return samples;
}

function toNumber(text: string): number {
  const signless = text.replace(/^\+|^-\+|^-/, "").toLowerCase();
  const sign = text.startsWith("-") ? -1 : 1;
  if (signless === "inf") return sign * Infinity;
  if (signless === "nan") return Number.NaN;
  return sign * Number(signless);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `1m30s`, `-5s`, or a number of seconds. */
function toMilliseconds(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const size = text.replace(/^[+-]/, "");
  if (/^[\d.]+$/.test(size)) return sign * Math.round(Number(size) * 1_000);
  if (!/^(?:\d+(?:ms|[smhd]))+$/.test(size)) throw new Error(`cannot read the time ${text}`);
  let ms = 0;
  for (const [, count, unit] of size.matchAll(/(\d+)(ms|[smhd])/g)) {
    ms += Number(count) * UNIT_MS[unit!]!;
  }
  return sign * ms;
}
