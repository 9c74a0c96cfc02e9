import { DEFAULT_MISSING, isCommaNumber, isMissingCell, parseCell, splitUnit } from "./csv.ts";
import { toLimit, type DecimalMark, type Feature } from "./tabular.ts";

/** Decodes the values of one feature: from JSON and from CSV to the number of a row, and back. */
export interface FeatureCodec {
  /** A number of at most this magnitude is a value as given; NaN if other rules decide. */
  readonly limit: number;
  /** The number that stands for any unknown category; NaN for a feature that is no category. */
  readonly unknown: number;
  /** Noun phrase for messages, for example "an integer". */
  readonly expected: string;
  /** Converts a JSON value that is not null. Returns undefined for a missing value, for a value of another type and for one out of bounds. */
  fromJson(value: unknown): number | undefined;
  /** True if a JSON value for which `fromJson` returned undefined is a missing one: a string among the missing words, for a category. */
  isMissing(value: unknown): boolean;
  /** Converts a trimmed CSV cell. Returns undefined for a missing value, for a value of another type and for one out of bounds. */
  fromCell(cell: string, decimal: DecimalMark): number | undefined;
  /** Returns the value of a cell that is an unknown category, as a JSON request has it: the string or the integer. */
  toUnseen(cell: string, decimal: DecimalMark): string | number;
  /** Describes a present value for which `fromJson` returned undefined. */
  explainJson(value: unknown): string;
  /** Describes a present cell for which `fromCell` returned undefined. */
  explainCell(cell: string, decimal: DecimalMark): string;
}

/** @param missing the cells that stand for a missing value, in lower case; a known category never does */
export function createFeatureCodec(
  feature: Feature,
  missing: ReadonlySet<string> = DEFAULT_MISSING,
): FeatureCodec {
  if (feature.type === "category") return createCategoryCodec(feature, missing);
  const values = createValueCodec(feature);
  const codec = feature.nullable ? adviseNull(values, missing) : values;
  // No default word is a value.
  if (missing === DEFAULT_MISSING) return codec;
  return {
    ...codec,
    fromCell: (cell, decimal) =>
      isMissingCell(cell, missing) ? undefined : codec.fromCell(cell, decimal),
  };
}

/** Names null in messages about words that are missing values in CSV. */
function adviseNull(codec: FeatureCodec, missing: ReadonlySet<string>): FeatureCodec {
  return {
    ...codec,
    explainJson(value) {
      const isWord = typeof value === "string" && isMissingCell(value.trim(), missing);
      return `${codec.explainJson(value)}${isWord ? " Write null for a missing value." : ""}`;
    },
  };
}

/** The part of the codec of a feature that is no category. */
const NO_CATEGORY = {
  unknown: Number.NaN,
  isMissing: () => false,
  toUnseen: (cell: string) => cell,
} as const satisfies Partial<FeatureCodec>;

function createValueCodec(feature: Feature): FeatureCodec {
  if (feature.type === "boolean") return createBooleanCodec(feature);
  return feature.type === "integer" ? createIntegerCodec(feature) : createNumberCodec(feature);
}

/**
 * Converts a number of a row to the value that a request has in its place: a category to its string or integer, 0 and 1 to false and
 * true. Returns null for a missing value and for an unknown category.
 */
export function toPublicValue(
  { type, categories }: Feature,
  value: number | null,
): string | number | boolean | null {
  if (value === null || Number.isNaN(value)) return null;
  if (type === "boolean") return value !== 0;
  return type === "category" ? (categories?.[value]?.value ?? null) : value;
}

function createNumberCodec(feature: Feature): FeatureCodec {
  const limit = toLimit(feature);
  const sign = feature.sign ?? feature.unit;
  const inRange = (value: number): number | undefined =>
    value >= -limit && value <= limit ? value : undefined;
  return {
    limit,
    ...NO_CATEGORY,
    expected: "a number",
    fromJson: (value) => (typeof value === "number" ? inRange(value) : undefined),
    fromCell(cell, decimal) {
      const number = parseCell(cell, decimal) ?? parseSigned(cell, sign, decimal);
      return number === undefined ? undefined : inRange(number);
    },
    explainJson(value) {
      if (typeof value === "number" && Number.isFinite(value)) {
        return describeOverflow("a number", String(value), limit);
      }
      return `Expected a number, got ${describeValue(value)}.${adviseUnquoted(value, feature)}`;
    },
    explainCell: (cell, decimal) => explainNumber("a number", cell, decimal, limit),
  };
}

/** Parses a number with the sign of its feature, for example 12%. */
function parseSigned(cell: string, sign: string | null, decimal: DecimalMark): number | undefined {
  if (sign === null) return undefined;
  const split = splitUnit(cell, decimal);
  return split?.unit === sign ? split.number : undefined;
}

function createIntegerCodec(feature: Feature): FeatureCodec {
  const limit = toLimit(feature);
  const toInteger = (value: unknown): number | undefined =>
    typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= limit
      ? value
      : undefined;
  return {
    limit: Number.NaN,
    ...NO_CATEGORY,
    expected: "an integer",
    fromJson: toInteger,
    fromCell: (cell, decimal) => toInteger(parseCell(cell, decimal)),
    explainJson: (value) => explainInteger(value, feature, limit),
    explainCell(cell, decimal) {
      const number = parseCell(cell, decimal);
      return number === undefined || Number.isInteger(number)
        ? explainNumber("an integer", cell, decimal, limit)
        : `Expected an integer, got ${shorten(cell)}.`;
    },
  };
}

const TRUTH: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["yes", 1],
  ["1", 1],
  ["false", 0],
  ["no", 0],
  ["0", 0],
]);

/** Parses a cell that is true, false, yes or no in any case, 1 or 0. Returns 1 or 0; undefined for anything else. */
export function parseBooleanCell(cell: string): number | undefined {
  return TRUTH.get(cell.toLowerCase());
}

function createBooleanCodec({ name }: Feature): FeatureCodec {
  return {
    limit: Number.NaN,
    ...NO_CATEGORY,
    expected: "true or false",
    fromJson(value) {
      if (typeof value === "boolean") return value ? 1 : 0;
      return value === 0 || value === 1 ? value + 0 : undefined;
    },
    fromCell: parseBooleanCell,
    explainJson(value) {
      const truth = typeof value === "string" ? parseBooleanCell(value) : undefined;
      const advice =
        truth === undefined ? "" : ` Write it without quotes: ${toField(name, truth === 1)}.`;
      return `Expected true or false, got ${describeValue(value)}.${advice}`;
    },
    explainCell: (cell) => `Expected true or false, got ${JSON.stringify(shorten(cell))}.`,
  };
}

function createCategoryCodec(feature: Feature, missing: ReadonlySet<string>): FeatureCodec {
  const { categories = [], name } = feature;
  const codes = new Map(categories.map(({ value }, code) => [value, code]));
  const unknown = categories.length;
  const example = categories[0]?.value ?? "";
  const isText = typeof example === "string";
  const limit = Number.MAX_SAFE_INTEGER;
  const shared = { limit: Number.NaN, unknown };
  if (isText) {
    const expected = `a string, for example ${JSON.stringify(shorten(example))}`;
    const toCode = (text: string): number | undefined =>
      codes.get(text) ?? (isMissingCell(text, missing) ? undefined : unknown);
    return {
      ...shared,
      expected,
      fromJson: (value) => (typeof value === "string" ? toCode(value) : undefined),
      isMissing: (value) => typeof value === "string",
      fromCell: toCode,
      toUnseen: (cell) => cell,
      explainJson(value) {
        const isKnown = typeof value !== "object" && codes.has(String(value));
        const advice = isKnown ? ` Write it in quotes: ${toField(name, String(value))}.` : "";
        return `Expected ${expected}, got ${describeValue(value)}.${advice}`;
      },
      explainCell: (cell) => `Expected ${expected}, got ${JSON.stringify(shorten(cell))}.`,
    };
  }
  const toIntegerCode = (value: unknown): number | undefined =>
    typeof value === "number" && Number.isSafeInteger(value)
      ? (codes.get(value + 0) ?? unknown)
      : undefined;
  return {
    ...shared,
    expected: `an integer, for example ${example}`,
    fromJson: toIntegerCode,
    isMissing: () => false,
    fromCell(cell, decimal) {
      const code = toIntegerCode(parseCell(cell, decimal));
      return code === unknown && isMissingCell(cell, missing) ? undefined : code;
    },
    toUnseen: (cell, decimal) => parseCell(cell, decimal) ?? cell,
    explainJson: (value) => explainInteger(value, feature, limit),
    explainCell: (cell, decimal) => explainNumber("an integer", cell, decimal, limit),
  };
}

function explainInteger(value: unknown, feature: Feature, limit: number): string {
  if (typeof value !== "number") {
    return `Expected an integer, got ${describeValue(value)}.${adviseUnquoted(value, feature)}`;
  }
  if (!Number.isInteger(value)) return `Expected an integer, got ${value}.`;
  return describeOverflow("an integer", String(value), limit);
}

function explainNumber(noun: string, cell: string, decimal: DecimalMark, limit: number): string {
  if (parseCell(cell, decimal) !== undefined) return describeOverflow(noun, shorten(cell), limit);
  const advice = isCommaNumber(cell) ? " Write it with a decimal point." : "";
  return `Expected ${noun}, got ${JSON.stringify(shorten(cell))}.${advice}`;
}

/** A string that is a JSON number without its quotes: not hexadecimal, no sign "+", no leading zeros. */
const JSON_NUMBER = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/;

function adviseUnquoted(value: unknown, { name }: Feature): string {
  const isQuoted =
    typeof value === "string" && JSON_NUMBER.test(value) && Number.isFinite(Number(value));
  if (!isQuoted) return "";
  return ` Write the number without quotes: {${JSON.stringify(name)}: ${value.trim().slice(0, 30)}}.`;
}

function toField(name: string, value: string | boolean): string {
  return `{${JSON.stringify(name)}: ${JSON.stringify(value)}}`;
}

/** Describes a number that is too large for its feature. */
function describeOverflow(noun: string, shown: string, limit: number): string {
  return `Expected ${noun} from ${-limit} to ${limit}, got ${shown}.`;
}

/** Describes a value for "got …" without the content of arrays and objects, which may be large. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}

const MAX_SHOWN = 60;

/** Shortens a string for a message. */
export function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
