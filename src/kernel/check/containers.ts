import { describeUnknown, SECRET, parseOptional, type Issue, type Parser } from "../check.ts";
import { isJsonObject } from "../json.ts";
import { fail, oneOf } from "./values.ts";

/** Numbers of items. */
export interface ListLimits {
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
}

/** Accepts an array; with `coerce` also a string with commas between the items. Then items are trimmed and empty ones left out. */
export function list<T>(item: Parser<T>, limits: ListLimits = {}): Parser<readonly T[]> {
  const { minItems = 0, maxItems = Infinity } = limits;
  const counted = describeCount(minItems, maxItems);
  const expected = `a list of ${counted}${toPlural(item.describe(false))}`;
  return {
    describe: () => expected,
    parse(given, coerce) {
      const isString = coerce && typeof given === "string";
      const written: unknown = isString ? given.split(",") : given;
      if (!Array.isArray(written)) return fail(expected, item.isSecret === true ? SECRET : given);
      const items: readonly unknown[] = coerce ? trimItems(written) : written;
      const values: T[] = [];
      const issues: Issue[] = [];
      for (const [i, one] of items.entries()) {
        const parsed = item.parse(one, coerce);
        if ("value" in parsed) values.push(parsed.value);
        else issues.push(...(isString ? parsed.issues : addToPath(i, parsed.issues)));
      }
      if (issues.length > 0) return { issues };
      if (values.length >= minItems && values.length <= maxItems) return { value: values };
      return { issues: [{ path: [], message: `Expected ${expected}, got ${values.length}.` }] };
    },
  };
}

function trimItems(items: readonly unknown[]): readonly unknown[] {
  return items
    .map((item) => (typeof item === "string" ? item.trim() : item))
    .filter((item) => item !== "");
}

function describeCount(minItems: number, maxItems: number): string {
  if (maxItems < Infinity) return `${minItems} to ${maxItems} `;
  return minItems > 0 ? `at least ${minItems} ` : "";
}

/** `a string` → `strings`; a phrase that has no plain plural stays unchanged. */
function toPlural(phrase: string): string {
  const [, noun] = /^an? ([\w-]+(?: [\w-]+)?)$/.exec(phrase) ?? [];
  return noun === undefined ? `items, each ${phrase}` : `${noun}s`;
}

/** Allows a field to be absent. */
export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return { ...parser, absent: { value: undefined } };
}

/** Gives a field a value where it is absent. */
export function withDefault<T>(parser: Parser<T>, value: T): Parser<T> {
  return { ...parser, absent: { value } };
}

type Fields = Readonly<Record<string, Parser<unknown>>>;
type ValuesOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Parser<infer T> ? T : never;
};

export interface ObjectSyntax {
  /** Names a key in messages. @default "field" */
  readonly noun?: string;
  /** Ignores keys that no parser is for, and leaves them out of the value. @default false */
  readonly ignoreUnknown?: boolean;
}

/** Accepts an object with these fields. A field that is absent, or undefined, has the value that its parser gives for that. */
export function object<F extends Fields>(
  fields: F,
  { noun = "field", ignoreUnknown = false }: ObjectSyntax = {},
): Parser<ValuesOf<F>> {
  const names = Object.keys(fields);
  return {
    describe: () => "an object",
    parse(given, coerce) {
      if (!isJsonObject(given)) return fail("an object", given);
      const issues: Issue[] = [];
      for (const key of ignoreUnknown ? [] : Object.keys(given)) {
        if (Object.hasOwn(fields, key)) continue;
        issues.push({ path: [key], message: describeUnknown(noun, key, names) });
      }
      const values = new Map<string, unknown>();
      for (const name of names) {
        const parsed = parseOptional(
          fields[name]!,
          Object.hasOwn(given, name) ? given[name] : undefined,
          coerce,
        );
        if ("issues" in parsed) issues.push(...addToPath(name, parsed.issues));
        else if (parsed.value !== undefined) values.set(name, parsed.value);
      }
      if (issues.length > 0) return { issues };
      // The parsers of `fields` have read each value.
      return { value: Object.fromEntries(values) as ValuesOf<F> };
    },
  };
}

/** Accepts an object with any keys. */
export function record<T>(parser: Parser<T>): Parser<Readonly<Record<string, T>>> {
  return {
    describe: () => "an object",
    parse(given, coerce) {
      if (!isJsonObject(given)) return fail("an object", given);
      const issues: Issue[] = [];
      const values: [string, T][] = [];
      for (const [key, one] of Object.entries(given)) {
        const parsed = parser.parse(one, coerce);
        if ("value" in parsed) values.push([key, parsed.value]);
        else issues.push(...addToPath(key, parsed.issues));
      }
      return issues.length > 0 ? { issues } : { value: Object.fromEntries(values) };
    },
  };
}

/** Accepts an object of one of several kinds, which its field `key` names. The parser of a kind reads that field too. */
export function variant<T>(key: string, kinds: ReadonlyMap<unknown, Parser<T>>): Parser<T> {
  const kind = oneOf([...kinds.keys()].map(String));
  return {
    describe: () => "an object",
    parse(given, coerce) {
      if (!isJsonObject(given)) return fail("an object", given);
      const named = Object.hasOwn(given, key) ? given[key] : undefined;
      const parser = kinds.get(named);
      if (parser !== undefined) return parser.parse(given, coerce);
      const parsed = parseOptional(kind, named, false);
      return { issues: "issues" in parsed ? addToPath(key, parsed.issues) : [] };
    },
  };
}

function addToPath(key: string | number, issues: readonly Issue[]): readonly Issue[] {
  return issues.map(({ path, message }) => ({ path: [key, ...path], message }));
}
