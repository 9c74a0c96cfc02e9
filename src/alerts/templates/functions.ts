import { parseDuration } from "../../kernel/duration.ts";
import { TemplateError } from "./ast.ts";
import { COMPARISONS } from "./compare.ts";
import { escapeHtml, escapeQuery } from "./escape.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toFloat,
} from "./humanize.ts";
import { print, printf } from "./printf.ts";
import {
  match,
  replaceAll,
  stripDomain,
  stripPort,
  toLower,
  toTitle,
  toUpper,
} from "./string-functions.ts";
import { ArgumentMap, isTrue, LabelMap, SampleValue, toTypeName, type Value } from "./values.ts";

/** The data besides the alert that functions use. */
export interface TemplateEnvironment {
  /** URL of this server's Prometheus API, without a trailing slash. */
  readonly externalUrl: string;
  readonly timeMs: number;
  /** Evaluates an instant query at that time. */
  query(promql: string): readonly SampleValue[];
}

interface TemplateFunction {
  readonly minArgs: number;
  readonly maxArgs: number;
  /** @throws TemplateError for arguments that it does not accept */
  call(args: readonly Value[], environment: TemplateEnvironment): Value;
}

/** Functions whose arguments are evaluated one by one until the result is known. */
export const LAZY_FUNCTIONS: ReadonlySet<string> = new Set(["and", "or"]);

function define(
  minArgs: number,
  maxArgs: number,
  call: TemplateFunction["call"],
): TemplateFunction {
  return { minArgs, maxArgs, call };
}

const ofFloat = (apply: (value: number) => string): TemplateFunction =>
  define(1, 1, ([value = null]) => apply(toFloat(value)));

const ofStrings = (count: number, apply: (...strings: string[]) => Value): TemplateFunction =>
  define(count, count, (args) => apply(...args.map(toString)));

const compare = (name: keyof typeof COMPARISONS, maxArgs = 2): TemplateFunction =>
  define(2, maxArgs, (args) => COMPARISONS[name](args));

/** Go's and Prometheus's functions, by name. A rule that calls any other function is rejected when it is loaded. */
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
  ["printf", define(1, Infinity, ([format = null, ...args]) => printf(toString(format), args))],
  ["html", define(1, Infinity, (args) => escapeHtml(printAll(args)))],
  ["urlquery", define(1, Infinity, (args) => escapeQuery(printAll(args)))],

  ["query", define(1, 1, ([promql = null], environment) => environment.query(toString(promql)))],
  ["first", define(1, 1, ([list = null]) => first(list))],
  ["value", define(1, 1, ([sample = null]) => toSample(sample).value)],
  ["label", define(2, 2, ([name = null, sample = null]) => readLabel(toString(name), sample))],
  ["strvalue", define(1, 1, ([sample = null]) => readLabel("__value__", sample))],
  ["sortByLabel", define(2, 2, ([name = null, list = null]) => sortByLabel(toString(name), list))],
  ["args", define(0, Infinity, (args) => new ArgumentMap(args.map((arg, i) => [`arg${i}`, arg])))],

  ["humanize", ofFloat(humanize)],
  ["humanize1024", ofFloat(humanize1024)],
  ["humanizeDuration", ofFloat(humanizeDuration)],
  ["humanizePercentage", ofFloat(humanizePercentage)],
  ["humanizeTimestamp", ofFloat(humanizeTimestamp)],

  ["title", ofStrings(1, toTitle)],
  ["toUpper", ofStrings(1, toUpper)],
  ["toLower", ofStrings(1, toLower)],
  ["match", ofStrings(2, match)],
  ["reReplaceAll", ofStrings(3, replaceAll)],
  ["stripPort", ofStrings(1, stripPort)],
  ["stripDomain", ofStrings(1, stripDomain)],
  ["safeHtml", ofStrings(1, (html) => html)],
  ["parseDuration", ofStrings(1, toSeconds)],
  ["graphLink", ofStrings(1, (promql) => toGraphLink(promql, 0))],
  ["tableLink", ofStrings(1, (promql) => toGraphLink(promql, 1))],
  ["externalURL", define(0, 0, (_, { externalUrl }) => externalUrl)],
  ["pathPrefix", define(0, 0, (_, { externalUrl }) => toPath(externalUrl))],
  ["now", define(0, 0, (_, { timeMs }) => timeMs / 1_000)],
]);

function toString(value: Value): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`expected a string, got ${toTypeName(value)}`);
}

function toSample(value: Value): SampleValue {
  if (value instanceof SampleValue) return value;
  throw new TemplateError(`expected a sample of a query, got ${toTypeName(value)}`);
}

function toList(value: Value): readonly SampleValue[] {
  if (Array.isArray(value)) return value as readonly SampleValue[];
  throw new TemplateError(`expected a query result, got ${toTypeName(value)}`);
}

function first(value: Value): SampleValue {
  const [sample] = toList(value);
  if (sample === undefined) throw new TemplateError("first() called on vector with no elements");
  return sample;
}

const readLabel = (name: string, sample: Value): string => toSample(sample).labels.get(name) ?? "";

function sortByLabel(name: string, list: Value): readonly SampleValue[] {
  const read = (sample: SampleValue): string => sample.labels.get(name) ?? "";
  return toList(list).toSorted((a, b) => (read(a) === read(b) ? 0 : read(a) < read(b) ? -1 : 1));
}

function toLength(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Map) return value.size;
  return toList(value).length;
}

function pick(collection: Value, key: Value): Value {
  if (collection instanceof LabelMap) return collection.get(toString(key)) ?? "";
  if (collection instanceof ArgumentMap) return collection.get(toString(key)) ?? null;
  const list = toList(collection);
  if (typeof key !== "bigint") {
    throw new TemplateError(`cannot index slice/array with type ${toTypeName(key)}`);
  }
  const sample = key < 0n ? undefined : list[Number(key)];
  if (sample === undefined) throw new TemplateError(`index out of range: ${key}`);
  return sample;
}

/** Go's Sprint: a space between two arguments if neither is a string. */
function printAll(args: readonly Value[]): string {
  return args
    .map((arg, i) => {
      const spaced = i > 0 && typeof arg !== "string" && typeof args[i - 1] !== "string";
      return (spaced ? " " : "") + print(arg);
    })
    .join("");
}

function toSeconds(written: string): number {
  const duration = parseDuration(written);
  if (duration === undefined) throw new TemplateError(`not a valid duration string: "${written}"`);
  return duration / 1_000;
}

const toGraphLink = (promql: string, tab: 0 | 1): string =>
  `/graph?g0.expr=${escapeQuery(promql)}&g0.tab=${tab}`;

function toPath(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/$/, "") : "";
}
