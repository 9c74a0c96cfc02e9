import type { Problem } from "../lib/problem-details.ts";
import type { Feature } from "../model/manifest.ts";

/** The content of each field, by the name of its feature. */
export type RowTexts = Readonly<Record<string, string>>;

/** A value as `POST /predict` takes it. */
type Value = number | string | boolean | null;

/** A row as `POST /predict` takes it. A string that is no value of its feature is sent unchanged: the server explains the problem. */
export type Row = Readonly<Record<string, Value>>;

/** The control that edits the values of a feature. Each kind has a component in feature-field.tsx. */
export type Control =
  | {
      readonly kind: "slider";
      readonly min: number;
      readonly max: number;
      readonly step: number;
    }
  /** One of a few values; an empty text is a missing value. */
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "check" }
  /** A number without a known range, or a category with many values. */
  | { readonly kind: "number" | "text" };

/** A slider has about this many positions. */
const POSITIONS = 200;

/** A longer list is slower to read than a value is to type. */
const MAX_CHOICES = 100;

export function toControl({ type, min, max, nullable, categories = [] }: Feature): Control {
  if (type === "boolean") {
    return nullable ? { kind: "choice", values: ["true", "false"] } : { kind: "check" };
  }
  if (type === "category") {
    const values = categories.map(({ value }) => String(value));
    return values.length <= MAX_CHOICES ? { kind: "choice", values } : { kind: "text" };
  }
  if (min === null || max === null || !(max > min)) return { kind: "number" };
  const step = toStep((max - min) / POSITIONS);
  // The ends of the slider are values of its step, or the browser would move the thumb off the value.
  return { kind: "slider", min: toFloor(min, step), max: -toFloor(-max, step), step };
}

/** Rounds a step down to 1, 2 or 5 times a power of ten. */
function toStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [5, 2, 1].find((each) => each * power <= rough) ?? 1;
  return Number((factor * power).toPrecision(3));
}

function toFloor(value: number, step: number): number {
  return Number((Math.floor(value / step + 1e-9) * step).toPrecision(12));
}

/** Parses the fields. An empty field of a feature that may be missing is null; of another one it is left out. */
export function toRow(features: readonly Feature[], texts: RowTexts): Row {
  return Object.fromEntries(
    features.flatMap((feature): [string, Value][] => {
      const { name, nullable, type, categories = [] } = feature;
      const text = texts[name] ?? "";
      const isKnown = categories.some(({ value }) => value === text);
      if (isKnown) return [[name, text]];
      if (text.trim() === "" && type !== "boolean") return nullable ? [[name, null]] : [];
      return [[name, toValue(feature, text.trim())]];
    }),
  );
}

function toValue({ type, nullable, categories = [] }: Feature, text: string): Value {
  if (type === "boolean") {
    if (text === "") return nullable ? null : false;
    return text === "true" || text === "false" ? text === "true" : text;
  }
  if (type === "category" && typeof categories[0]?.value !== "number") return text;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

export function toTexts(row: Row): RowTexts {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? "" : String(value)]),
  );
}

/** Parameters of the URL that hold a row begin with it: `x.sepal_length=5.1`. */
const PREFIX = "x.";

/** Reads the row of a permalink; undefined if the URL has none. */
export function readRow(
  parameters: URLSearchParams,
  features: readonly Feature[],
): RowTexts | undefined {
  const found = features.flatMap(({ name }) => {
    const text = parameters.get(`${PREFIX}${name}`);
    return text === null ? [] : [[name, text] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

export function toParameters(
  features: readonly Feature[],
  texts: RowTexts,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(features.map(({ name }) => [`${PREFIX}${name}`, [texts[name] ?? ""]]));
}

/** The problems of a reply: those of fields by the feature's name, and all others. */
export interface RowProblems {
  readonly fields: Readonly<Record<string, string>>;
  readonly others: readonly string[];
}

/** Sorts problem details by their JSON pointers. */
export function sortProblems(
  problems: readonly Problem[],
  features: readonly Feature[],
): RowProblems {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { at, message } of problems) {
    const name = at.slice(1).replaceAll("~1", "/").replaceAll("~0", "~");
    if (at.startsWith("/") && features.some((feature) => feature.name === name)) {
      fields[name] = fields[name] === undefined ? message : `${fields[name]} ${message}`;
    } else others.push(message);
  }
  return { fields, others };
}
