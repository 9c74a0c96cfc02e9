import { TepalError, type Problem } from "../kernel/errors.ts";
import type { OptionDeclaration, OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { toFlagName, toVariableName } from "./names.ts";

/** Where values come from; a later source wins over an earlier one. All are optional. */
export interface Sources {
  /** A parsed configuration file, and what to call it in messages. */
  readonly file?: { readonly name: string; readonly values: Readonly<Record<string, unknown>> };
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** By option name: texts from a command line, or values of the declared type from code. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/**
 * Takes each option from the flags, else the environment, else the file, else its default.
 * @throws TepalError INVALID_OPTION that lists every problem of every source
 */
export function resolveOptions<D extends OptionDeclarations>(
  declarations: D,
  sources: Sources,
): OptionValues<D> {
  const problems: Problem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const given = findGiven(name, sources);
    if (given === undefined) {
      values[name] = declaration.default;
      continue;
    }
    const read = readValue(declaration, given.value);
    if ("fault" in read) problems.push({ at: given.at, message: read.fault });
    else values[name] = read.value;
  }
  for (const key of Object.keys(sources.file?.values ?? {})) {
    if (Object.hasOwn(declarations, key)) continue;
    const close = findClosest(key, Object.keys(declarations));
    const hint = close === undefined ? "" : `; did you mean "${close}"?`;
    problems.push({ at: `${sources.file?.name}: ${key}`, message: `is not an option${hint}` });
  }
  if (problems.length > 0) {
    const listed = problems.map(({ at, message }) => `${at} ${message}`).join("\n");
    throw new TepalError("INVALID_OPTION", listed, { problems });
  }
  if (!isComplete(declarations, values)) throw new Error("an option was not resolved");
  return values;
}

function isComplete<D extends OptionDeclarations>(
  declarations: D,
  values: object,
): values is OptionValues<D> {
  return Object.keys(declarations).every((name) => Object.hasOwn(values, name));
}

interface Given {
  readonly at: string;
  readonly value: unknown;
}

function findGiven(name: string, sources: Sources): Given | undefined {
  const flag = sources.flags?.[name];
  if (flag !== undefined) return { at: `--${toFlagName(name)}`, value: flag };
  const variable = sources.environment?.[toVariableName(name)];
  if (variable !== undefined && variable !== "") {
    return { at: toVariableName(name), value: variable };
  }
  const { file } = sources;
  if (file === undefined || !Object.hasOwn(file.values, name)) return undefined;
  return { at: `${file.name}: ${name}`, value: file.values[name] };
}

type Read = { readonly value: unknown } | { readonly fault: string };

function readValue(declaration: OptionDeclaration, given: unknown): Read {
  const shown = JSON.stringify(given) ?? String(given);
  switch (declaration.type) {
    case "integer":
    case "number": {
      const { min, max, exclusive = false, type } = declaration;
      const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
      const isInside =
        typeof value === "number" &&
        (exclusive ? value > min && value < max : value >= min && value <= max);
      if (isInside && (type === "number" || Number.isInteger(value))) return { value };
      const what = type === "integer" ? "a whole number" : "a number";
      const range = exclusive ? `above ${min} and below ${max}` : `from ${min} to ${max}`;
      return { fault: `is ${shown}; ${what} ${range} is expected` };
    }
    case "switch":
      if (given === true || given === "true" || given === "1") return { value: true };
      if (given === false || given === "false" || given === "0") return { value: false };
      return { fault: `is ${shown}; true or false is expected` };
    case "choice":
      if (typeof given === "string" && declaration.choices.includes(given)) return { value: given };
      return { fault: `is ${shown}; one of ${declaration.choices.join(", ")} is expected` };
    case "optional text":
    case "text":
      if (typeof given === "string" && given !== "") return { value: given };
      if (given === null && declaration.type === "optional text") return { value: null };
      return { fault: `is ${shown}; a text is expected` };
    case "list":
      return readList(declaration, given);
  }
}

function readList(
  declaration: OptionDeclaration & { readonly type: "list" },
  given: unknown,
): Read {
  const { findFault, isSecret = false } = declaration;
  const show = (secret: unknown): string =>
    isSecret
      ? "something (not shown: it may be a secret)"
      : (JSON.stringify(secret) ?? String(secret));
  const items = typeof given === "string" ? given.split(",") : given;
  if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) {
    return {
      fault: `is ${show(given)}; texts with commas between them, or a list of texts, are expected`,
    };
  }
  const value = items.map((item) => item.trim()).filter((item) => item !== "");
  for (const item of value) {
    const fault = findFault(item);
    if (fault !== undefined) return { fault: `has ${show(item)}: ${fault}` };
  }
  return { value };
}

/** The candidate with the fewest single-letter changes, when there are at most three. */
export function findClosest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: countEdits(word, candidate) }))
    .filter(({ distance }) => distance <= 3)
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Levenshtein distance, ignoring case. */
function countEdits(a: string, b: string): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
