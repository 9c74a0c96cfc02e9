import { ALL, type Variable } from "./dashboard.ts";
import { toRegExp } from "./field-config.ts";
import { formatInterval, parseInterval, roundInterval } from "./interval.ts";
import { formatDate } from "./time-units.ts";
import type { TimeRange } from "./time-range.ts";

export interface Option {
  readonly text: string;
  readonly value: string;
}

/** The state of a variable: its options and which of them are selected. */
export interface VariableState {
  readonly variable: Variable;
  readonly options: readonly Option[];
  /** One, or several; `$__all` alone for all. */
  readonly values: readonly string[];
}

export type Selection = ReadonlyMap<string, VariableState>;

/** A variable of the dashboard and the panel: `__interval`, `__range_s`, … */
export type BuiltIns = Readonly<Record<string, string>>;

/** Returns the built-in variables of times and intervals. */
export function toBuiltIns(
  range: TimeRange,
  step?: { stepMs: number; rateIntervalMs: number },
): BuiltIns {
  const rangeMs = range.to - range.from;
  const rangeSeconds = Math.round(rangeMs / 1_000);
  return {
    __from: String(range.from),
    __to: String(range.to),
    __range: `${rangeSeconds}s`,
    __range_s: String(rangeSeconds),
    __range_ms: String(rangeMs),
    ...(step !== undefined && {
      __interval: formatInterval(step.stepMs),
      __interval_ms: String(step.stepMs),
      __rate_interval: formatInterval(step.rateIntervalMs),
      __rate_interval_ms: String(step.rateIntervalMs),
    }),
  };
}

const REFERENCE = /\$(\w+)|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}|\[\[(\w+)(?::([^\]]+))?\]\]/g;

/**
 * Replaces the variables of an expression or a title.
 *
 * @param kind the form of values without a format: `expression` for a part of a regular expression, `title` for readers, `url` for a part of
 * a query string, `plain` for a glob
 */
export function interpolate(
  text: string,
  selection: Selection,
  builtIns: BuiltIns,
  kind: "expression" | "title" | "url" | "plain" = "plain",
): string {
  return text.replaceAll(
    REFERENCE,
    (reference: string, short, braced, _path, bracedFormat, bracket, bracketFormat) => {
      const name: string = short ?? braced ?? bracket;
      const format: string | undefined = bracedFormat ?? bracketFormat;
      const builtIn = builtIns[name];
      if (builtIn !== undefined)
        return format === undefined ? builtIn : formatBuiltIn(builtIn, format);
      const state = selection.get(name);
      if (state === undefined) return reference;
      const isAll = state.values.length === 1 && state.values[0] === ALL;
      const wanted = format ?? DEFAULT_FORMATS[kind];
      // Not escaped: it is an expression already.
      if (isAll && state.variable.allValue !== "" && wanted !== "text" && wanted !== "queryparam") {
        return state.variable.allValue;
      }
      const values = listValues(state);
      return wanted === undefined
        ? toExpression(values, state.variable)
        : formatValues(values, wanted, state);
    },
  );
}

/** The formats of values without one. Expressions have a form of their own. */
const DEFAULT_FORMATS = {
  title: "text",
  url: "percentencode",
  plain: "glob",
  expression: undefined,
} as const;

/** Returns the selected options; all of them for All. */
export function listOptions({ options, values }: VariableState): readonly Option[] {
  const isAll = values.length === 1 && values[0] === ALL;
  return isAll
    ? options.filter(({ value }) => value !== ALL)
    : values.map((value) => options.find((each) => each.value === value) ?? { value, text: value });
}

function listValues(state: VariableState): readonly string[] {
  return listOptions(state).map(({ value }) => value);
}

/** Returns the parameters of a URL that opens a dashboard with these variables. */
export function toParameters(selection: Selection): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const { variable, values } of selection.values()) {
    if (variable.type === "constant" || variable.type === "datasource") continue;
    for (const value of values) parameters.append(`var-${variable.name}`, value);
  }
  return parameters;
}

function formatBuiltIn(value: string, format: string): string {
  if (!format.startsWith("date")) return value;
  const pattern = format.slice("date:".length);
  if (pattern === "" || pattern === "iso") return new Date(Number(value)).toISOString();
  if (pattern === "seconds") return String(Math.floor(Number(value) / 1_000));
  return formatDate(Number(value), pattern, "browser");
}

function toExpression(values: readonly string[], { isMulti, hasAll }: Variable): string {
  if (!isMulti && !hasAll) {
    return (values[0] ?? "").replaceAll("\\", "\\\\").replaceAll("'", String.raw`\\'`);
  }
  const escaped = values.map((value) =>
    value.replaceAll("\\", "\\\\\\\\").replaceAll(/[$^*{}[\]+?.()|]/g, String.raw`\\$&`),
  );
  return escaped.length === 1 ? escaped[0]! : `(${escaped.join("|")})`;
}

const FORMATS: Readonly<
  Record<string, (values: readonly string[], state: VariableState) => string>
> = {
  csv: (values) => values.join(","),
  raw: (values) => values.join(","),
  pipe: (values) => values.join("|"),
  regex: (values) => {
    const escaped = values.map((value) =>
      value.replaceAll(/[\\$^*{}[\]+?.()|/]/g, String.raw`\$&`),
    );
    return escaped.length === 1 ? escaped[0]! : `(${escaped.join("|")})`;
  },
  json: (values) => JSON.stringify(values.length === 1 ? values[0] : values),
  text: (values, state) => toTitle(values, state),
  // All stays All: the link opens with the values that are there then.
  queryparam: (_values, { variable, values }) =>
    values.map((value) => `var-${variable.name}=${encodeURIComponent(value)}`).join("&"),
  percentencode: (values) =>
    encodeURIComponent(values.length === 1 ? values[0]! : `{${values.join(",")}}`),
  singlequote: (values) =>
    values.map((value) => `'${value.replaceAll("'", String.raw`\'`)}'`).join(","),
  doublequote: (values) =>
    values.map((value) => `"${value.replaceAll('"', String.raw`\"`)}"`).join(","),
  glob: (values) => (values.length === 1 ? values[0]! : `{${values.join(",")}}`),
};

function formatValues(values: readonly string[], format: string, state: VariableState): string {
  if (format.startsWith("join")) return values.join(format.slice("join:".length) || ",");
  return (FORMATS[format] ?? FORMATS["glob"]!)(values, state);
}

function toTitle(values: readonly string[], { values: selected, options }: VariableState): string {
  if (selected.length === 1 && selected[0] === ALL) return "All";
  return values
    .map((value) => options.find((option) => option.value === value)?.text ?? value)
    .join(" + ");
}

/** A query for the options of a variable. */
export type OptionQuery =
  | { readonly kind: "labels" }
  | { readonly kind: "values"; readonly label: string; readonly selector: string }
  | { readonly kind: "metrics"; readonly pattern: string }
  | { readonly kind: "result"; readonly expr: string }
  | { readonly kind: "series"; readonly selector: string };

/** Parses the query of a variable: `label_values(up, job)`, `query_result(…)`, … */
export function parseOptionQuery(query: string): OptionQuery {
  const text = query.trim();
  if (/^label_names\(\s*\)$/.test(text)) return { kind: "labels" };
  const values = /^label_values\((.*)\)$/s.exec(text)?.[1];
  if (values !== undefined) {
    const comma = values.lastIndexOf(",");
    const selector = comma < 0 ? "" : values.slice(0, comma).trim();
    return {
      kind: "values",
      label: values.slice(comma + 1).trim(),
      selector: selector === "{}" ? "" : selector,
    };
  }
  const pattern = /^metrics\((.*)\)$/s.exec(text)?.[1];
  if (pattern !== undefined) return { kind: "metrics", pattern };
  const expr = /^query_result\((.*)\)$/s.exec(text)?.[1];
  return expr === undefined ? { kind: "series", selector: text } : { kind: "result", expr };
}

/** Applies the regular expression and the order of a variable to the values of its query. */
export function toOptions(values: readonly string[], { regex, sort }: Variable): readonly Option[] {
  const options =
    regex === "" ? values.map((value) => ({ text: value, value })) : extract(values, regex);
  const unique = [...new Map(options.map((option) => [option.value, option])).values()];
  return sortOptions(unique, sort);
}

function extract(values: readonly string[], regex: string): Option[] {
  const pattern = toRegExp(regex);
  if (pattern === undefined) return [];
  const isGlobal = /\/[a-z]*g[a-z]*$/.test(regex);
  const global = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  return values.flatMap((value) => {
    const matches = [...value.matchAll(global)];
    return (isGlobal ? matches : matches.slice(0, 1)).map((match) => {
      const { groups } = match;
      const found = groups?.["value"] ?? groups?.["text"] ?? match[1] ?? match[0];
      return { value: found, text: groups?.["text"] ?? found };
    });
  });
}

function sortOptions(options: readonly Option[], sort: number): readonly Option[] {
  if (sort === 0) return options;
  const kind = Math.ceil(sort / 2);
  const sign = sort % 2 === 1 ? 1 : -1;
  const collator = new Intl.Collator("en", { numeric: true });
  const firstNumber = ({ text }: Option): number => Number(/\d+/.exec(text)?.[0] ?? -1);
  const compare = (a: Option, b: Option): number => {
    if (kind === 2) return firstNumber(a) - firstNumber(b);
    if (kind === 3) return toOrder(a.text.toLowerCase(), b.text.toLowerCase());
    return kind === 4 ? collator.compare(a.text, b.text) : toOrder(a.text, b.text);
  };
  return options.toSorted((a, b) => sign * compare(a, b));
}

function toOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the options of a variable that needs no query. */
export function listOwnOptions(variable: Variable, range: TimeRange): readonly Option[] {
  if (variable.type === "custom") return parseCustom(variable.query);
  if (variable.type === "datasource") return [{ text: "Tepal", value: "tepal" }];
  if (variable.type !== "interval") return [{ text: variable.query, value: variable.query }];
  const listed = parseCustom(variable.query);
  if (!variable.isAuto) return listed;
  const least = parseInterval(variable.autoMin) ?? 10_000;
  const auto = Math.max(least, roundInterval((range.to - range.from) / variable.autoCount));
  return [{ text: "auto", value: formatInterval(auto) }, ...listed];
}

/** Parses `a, b\,c, label : value`. */
function parseCustom(query: string): readonly Option[] {
  return [...query.matchAll(/(?:\\,|[^,])+/g)].map(([part]) => {
    const text = part.replaceAll(String.raw`\,`, ",").trim();
    const [, label, value] = /^(.+?)\s+:\s+(.+)$/s.exec(text) ?? [];
    return label === undefined || value === undefined
      ? { text, value: text }
      : { text: label, value };
  });
}

/** Returns the selection that stays possible with new options; a value that is gone becomes the first option. */
export function keepSelection(
  { hasAll, isMulti, type }: Variable,
  options: readonly Option[],
  wanted: readonly string[],
): readonly string[] {
  if (type === "textbox" || type === "constant")
    return wanted.length > 0 ? wanted.slice(0, 1) : [options[0]?.value ?? ""];
  if (hasAll && wanted.includes(ALL)) return [ALL];
  const known = new Set(options.map(({ value }) => value));
  const left = wanted.filter((value) => known.has(value));
  if (left.length > 0) return isMulti ? left : left.slice(0, 1);
  const auto = type === "interval" && wanted.some((value) => value.startsWith("$__auto"));
  if (auto) return options.slice(0, 1).map(({ value }) => value);
  // All is the first option.
  return hasAll ? [ALL] : options.slice(0, 1).map(({ value }) => value);
}
