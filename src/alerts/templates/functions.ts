import { RE2JS } from "re2js";
import { parseDuration } from "../duration.ts";
import { TemplateError } from "./ast.ts";
import { COMPARISONS } from "./compare.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toFloat,
} from "./humanize.ts";
import { print, printf } from "./printf.ts";
import { ArgumentMap, isTrue, LabelMap, SampleValue, toTypeName, type Value } from "./values.ts";

/** What functions need of the world. */
export interface World {
  /** Where people find Prometheus's pages, without a slash at the end. */
  readonly externalUrl: string;
  readonly timeMs: number;
  /** The answer of an instant query at that time. */
  query(promql: string): readonly SampleValue[];
}

interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  /** @throws TemplateError for arguments that it cannot take */
  call(args: readonly Value[], world: World): Value;
}

/** Functions that evaluate their arguments themselves, one after the other, until the answer is known. */
export const LAZY_FUNCTIONS: ReadonlySet<string> = new Set(["and", "or"]);

function define(least: number, most: number, call: TemplateFunction["call"]): TemplateFunction {
  return { least, most, call };
}

const ofFloat = (apply: (value: number) => string): TemplateFunction =>
  define(1, 1, ([value = null]) => apply(toFloat(value)));

const ofTexts = (count: number, apply: (...texts: string[]) => Value): TemplateFunction =>
  define(count, count, (args) => apply(...args.map(toText)));

const compare = (name: keyof typeof COMPARISONS, most = 2): TemplateFunction =>
  define(2, most, (args) => COMPARISONS[name](args));

/** By name: Go's own and those of Prometheus. What is not here is refused when a rule is loaded. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map([
  ["and", define(1, Infinity, (args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1) ?? null)],
  ["or", define(1, Infinity, (args) => args.find((arg) => isTrue(arg)) ?? args.at(-1) ?? null)],
  ["not", define(1, 1, ([value = null]) => !isTrue(value))],
  ["eq", compare("eq", Infinity)],
  ["ne", compare("ne")],
  ["lt", compare("lt")],
  ["le", compare("le")],
  ["gt", compare("gt")],
  ["ge", compare("ge")],
  ["len", define(1, 1, ([value = null]) => BigInt(toLength(value)))],
  ["index", define(1, Infinity, ([value = null, ...keys]) => keys.reduce(pick, value))],
  ["print", define(0, Infinity, (args) => printAll(args))],
  ["println", define(0, Infinity, (args) => `${args.map(print).join(" ")}\n`)],
  ["printf", define(1, Infinity, ([format = null, ...args]) => printf(toText(format), args))],
  ["html", define(1, Infinity, (args) => escapeHtml(printAll(args)))],
  ["urlquery", define(1, Infinity, (args) => escapeQuery(printAll(args)))],

  ["query", define(1, 1, ([promql = null], world) => world.query(toText(promql)))],
  ["first", define(1, 1, ([list = null]) => first(list))],
  ["value", define(1, 1, ([sample = null]) => toSample(sample).value)],
  ["label", define(2, 2, ([name = null, sample = null]) => readLabel(toText(name), sample))],
  ["strvalue", define(1, 1, ([sample = null]) => readLabel("__value__", sample))],
  ["sortByLabel", define(2, 2, ([name = null, list = null]) => sortByLabel(toText(name), list))],
  ["args", define(0, Infinity, (args) => new ArgumentMap(args.map((arg, i) => [`arg${i}`, arg])))],

  ["humanize", ofFloat(humanize)],
  ["humanize1024", ofFloat(humanize1024)],
  ["humanizeDuration", ofFloat(humanizeDuration)],
  ["humanizePercentage", ofFloat(humanizePercentage)],
  ["humanizeTimestamp", ofFloat(humanizeTimestamp)],

  ["title", ofTexts(1, (text) => toTitle(text))],
  ["toUpper", ofTexts(1, (text) => changeLetters(text, (one) => one.toUpperCase()))],
  ["toLower", ofTexts(1, (text) => changeLetters(text, (one) => one.toLowerCase()))],
  ["match", ofTexts(2, (pattern, text) => compile(pattern).matcher(text).find())],
  ["reReplaceAll", ofTexts(3, replaceAll)],
  ["stripPort", ofTexts(1, (address) => splitPort(address)?.host ?? address)],
  ["stripDomain", ofTexts(1, stripDomain)],
  ["safeHtml", ofTexts(1, (text) => text)],
  ["parseDuration", ofTexts(1, (text) => readDuration(text))],
  ["graphLink", ofTexts(1, (promql) => toGraphLink(promql, 0))],
  ["tableLink", ofTexts(1, (promql) => toGraphLink(promql, 1))],
  ["externalURL", define(0, 0, (_, { externalUrl }) => externalUrl)],
  ["pathPrefix", define(0, 0, (_, { externalUrl }) => toPath(externalUrl))],
  ["now", define(0, 0, (_, { timeMs }) => timeMs / 1_000)],
]);

function toText(value: Value): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`expected a text, and was given a ${toTypeName(value)}`);
}

function toSample(value: Value): SampleValue {
  if (value instanceof SampleValue) return value;
  throw new TemplateError(`expected a sample of a query, and was given a ${toTypeName(value)}`);
}

function toList(value: Value): readonly SampleValue[] {
  if (Array.isArray(value)) return value as readonly SampleValue[];
  throw new TemplateError(`expected the answer of a query, and was given a ${toTypeName(value)}`);
}

function first(value: Value): SampleValue {
  const [sample] = toList(value);
  if (sample === undefined) throw new TemplateError("first() called on vector with no elements");
  return sample;
}

const readLabel = (name: string, sample: Value): string => toSample(sample).labels.get(name) ?? "";

function sortByLabel(name: string, list: Value): readonly SampleValue[] {
  const of = (sample: SampleValue): string => sample.labels.get(name) ?? "";
  return toList(list).toSorted((a, b) => (of(a) === of(b) ? 0 : of(a) < of(b) ? -1 : 1));
}

function toLength(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Map) return value.size;
  return toList(value).length;
}

function pick(of: Value, key: Value): Value {
  if (of instanceof LabelMap) return of.get(toText(key)) ?? "";
  if (of instanceof ArgumentMap) return of.get(toText(key)) ?? null;
  const list = toList(of);
  if (typeof key !== "bigint") throw new TemplateError(`an index is no ${toTypeName(key)}`);
  const sample = key < 0n ? undefined : list[Number(key)];
  if (sample === undefined)
    throw new TemplateError(`index ${key} is outside of the ${list.length} there are`);
  return sample;
}

/** Go's Sprint: a space between two of which neither is a text. */
function printAll(args: readonly Value[]): string {
  return args
    .map((arg, i) => {
      const spaced = i > 0 && typeof arg !== "string" && typeof args[i - 1] !== "string";
      return (spaced ? " " : "") + print(arg);
    })
    .join("");
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new TemplateError(`"${pattern}" is no regular expression: ${String(cause)}`);
  }
}

function replaceAll(pattern: string, replacement: string, text: string): string {
  const matcher = compile(pattern).matcher(text);
  let replaced = "";
  let from = 0;
  let lastEnd = -1;
  while (matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    // Go takes no empty match right behind another match.
    if (start === end && start === lastEnd) continue;
    const named = matcher.getNamedGroups();
    replaced += text.slice(from, start);
    replaced += replacement.replaceAll(
      /\$(?:\$|(\w+)|\{(\w+)\})/g,
      (_, bare: string | undefined, braced: string | undefined) => {
        const name = bare ?? braced;
        if (name === undefined) return "$";
        if (!/^\d+$/.test(name)) return named[name] ?? "";
        return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? "") : "";
      },
    );
    from = end;
    lastEnd = end;
  }
  return replaced + text.slice(from);
}

/** Letter by letter, as in Go: what becomes several (ß) stays. */
function changeLetters(text: string, change: (letter: string) => string): string {
  return [...text]
    .map((letter) => {
      const changed = change(letter);
      return [...changed].length === 1 ? changed : letter;
    })
    .join("");
}

const WORDS = new Intl.Segmenter("en", { granularity: "word" });

function toTitle(text: string): string {
  return [...WORDS.segment(text)]
    .map(({ segment }) => {
      const [letter = ""] = segment;
      return letter.toUpperCase() + segment.slice(letter.length);
    })
    .join("");
}

function splitPort(address: string): { readonly host: string; readonly port: string } | undefined {
  const parts = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address);
  return parts === null ? undefined : { host: parts[1] ?? parts[2] ?? "", port: parts[3] ?? "" };
}

function stripDomain(address: string): string {
  const { host, port } = splitPort(address) ?? { host: address, port: "" };
  if (host.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return address;
  const [name = ""] = host.split(".");
  return port === "" ? name : `${name}:${port}`;
}

function readDuration(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined) throw new TemplateError(`"${text}" is no duration`);
  return duration / 1_000;
}

const toGraphLink = (promql: string, tab: 0 | 1): string =>
  `/graph?g0.expr=${escapeQuery(promql)}&g0.tab=${tab}`;

function toPath(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/$/, "") : "";
}

/** As Go writes a value of a URL's query. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&#34;",
  "'": "&#39;",
  "\u0000": "\ufffd",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[<>&"'\0]/g, (one) => ENTITIES[one] ?? one);
}
