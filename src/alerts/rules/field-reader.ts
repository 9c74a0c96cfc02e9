import { describeMismatch, describeUnknown, type Parser } from "../../kernel/check.ts";
import { custom } from "../../kernel/check/values.ts";
import { parseDuration } from "../../kernel/duration.ts";
import type { Problem } from "../../kernel/errors.ts";
import type { YamlEntry, YamlValue } from "./read-yaml.ts";

// Not the parsers of numbers and durations in kernel/check: Prometheus accepts neither `1e3` nor bare seconds.
const COUNT = custom("an integer ≥ 0", (given) => {
  const count = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : undefined;
  return Number.isSafeInteger(count) ? count : undefined;
});
const DURATION = custom("a duration, for example 90s, 10m or 1h30m", (given) =>
  typeof given === "string" ? parseDuration(given) : undefined,
);

/** The fields of a mapping, by name. */
export type Fields = ReadonlyMap<string, YamlEntry>;

export const isNull = (value: YamlValue): boolean => value.kind === "null";

/**
 * Reads typed fields of a rule file, and collects the problems.
 *
 * The location of a problem is `rules.yml:12, group "g", rule 1 "A", for`: file and line, then the names that apply.
 */
export class FieldReader {
  readonly problems: Problem[];
  /** Names of the current group and rule, for locations. */
  group = "";
  rule = "";
  readonly file: string;

  constructor(file: string, problems: readonly Problem[]) {
    this.file = file;
    this.problems = [...problems];
  }

  /** @param name field, and location inside it; empty for the group or rule itself */
  report(line: number, name: string, message: string): void {
    const names = [this.group, this.rule, name].filter((part) => part !== "");
    this.problems.push({ at: [`${this.file}:${line}`, ...names].join(", "), message });
  }

  /** @returns the fields of a mapping; none if the value is not a mapping */
  readFields(value: YamlValue, known: readonly string[]): Fields {
    if (value.kind !== "map") {
      const expected = `a mapping with the fields ${known.join(", ")}`;
      this.report(value.line, "", describeMismatch(expected, toPlain(value)));
      return new Map();
    }
    for (const { key, line } of value.entries) {
      if (!known.includes(key)) this.report(line, key, describeUnknown("field", key, known));
    }
    return new Map(value.entries.map((entry) => [entry.key, entry]));
  }

  readList(fields: Fields, name: string): readonly YamlValue[] {
    const field = fields.get(name);
    if (field === undefined || isNull(field.value)) return [];
    if (field.value.kind === "list") return field.value.items;
    this.report(field.line, name, describeMismatch("a list", toPlain(field.value)));
    return [];
  }

  readString(fields: Fields, name: string): string | undefined {
    const field = fields.get(name);
    if (field === undefined || isNull(field.value)) return undefined;
    if (field.value.kind === "string") return field.value.value;
    this.report(field.line, name, describeMismatch("a string", toPlain(field.value)));
    return undefined;
  }

  /** A null value becomes an empty string, as in Prometheus. */
  readStrings(fields: Fields, name: string): ReadonlyMap<string, string> {
    const field = fields.get(name);
    if (field === undefined || isNull(field.value)) return new Map();
    if (field.value.kind !== "map") {
      this.report(field.line, name, describeMismatch("a mapping of strings", toPlain(field.value)));
      return new Map();
    }
    const strings = new Map<string, string>();
    for (const { key, line, value } of field.value.entries) {
      if (value.kind === "string") strings.set(key, value.value);
      else if (isNull(value)) strings.set(key, "");
      else this.report(line, `${name} ${key}`, describeMismatch("a string", toPlain(value)));
    }
    return strings;
  }

  /** @returns milliseconds */
  readDuration(fields: Fields, name: string): number | undefined {
    return this.#read(DURATION, fields, name);
  }

  readCount(fields: Fields, name: string): number | undefined {
    return this.#read(COUNT, fields, name);
  }

  #read<T>(parser: Parser<T>, fields: Fields, name: string): T | undefined {
    const written = this.readString(fields, name);
    if (written === undefined) return undefined;
    const parsed = parser.parse(written, true);
    if ("value" in parsed) return parsed.value;
    for (const { message } of parsed.issues) this.report(fields.get(name)!.line, name, message);
    return undefined;
  }
}

/** For messages. */
function toPlain(value: YamlValue): unknown {
  switch (value.kind) {
    case "null":
      return null;
    case "string":
      return value.value;
    case "list":
      return value.items.map(toPlain);
    case "map":
      return Object.fromEntries(value.entries.map((entry) => [entry.key, toPlain(entry.value)]));
  }
}
