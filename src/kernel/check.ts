import { findClosest } from "./closest.ts";
import { TepalError, type ErrorCode, type Problem } from "./errors.ts";
import { formatPointer, type Path } from "./json-pointer.ts";

/**
 * Checks input: flags, environment variables, configuration files, forms, HTTP bodies, scripts and rule files all use these parsers, so
 * that a problem has the same wording wherever it comes from.
 *
 * A parser reads one value. `integer`, `oneOf` (check/values.ts), `list`, `object` (check/containers.ts) and others make parsers;
 * `fromSchema` (check/schema.ts) makes one of a TypeBox schema. An `InputProblems` collects the problems of all values of an input and throws one error with all of them.
 *
 * The grammar of messages:
 *
 *     Expected an integer from 1 to 100, got "abc".
 *     Expected an integer from 1 to 100, got "5". Write the number without quotes.
 *     Missing. Expected a string.
 *     Unknown option. Did you mean "port"?
 *     Unknown field. Expected one of: users, spawn_rate.
 */
export interface Parser<T> {
  /**
   * Describes the accepted values as a noun phrase, for "Expected …": `an integer from 1 to 100`.
   * @param coerce as for `parse`
   */
  describe(coerce: boolean): string;
  /**
   * @param coerce true if the value comes from a source that has only strings (flags, variables, forms): `"5"` is then a number, `"a,b"`
   * a list, `"10m"` a duration. Values of the right type are accepted too.
   */
  parse(given: unknown, coerce: boolean): Parsed<T>;
  /** Messages must not show the value. */
  readonly isSecret?: true;
  /** The value of an object's field that is absent. Without it, the field is required. */
  readonly absent?: { readonly value: T };
}

export type Parsed<T> = { readonly value: T } | { readonly issues: readonly Issue[] };

/** A problem of a value or of something inside it. */
export interface Issue {
  /** Keys and indexes from the value to the cause; empty for the value itself. */
  readonly path: Path;
  readonly message: string;
  /** The sentence at the end of the message that states what to do. */
  readonly advice?: string | undefined;
}

/** @param advice one sentence */
export function describeMismatch(expected: string, given: unknown, advice?: string): string {
  const message = `Expected ${expected}, got ${show(given)}.`;
  return advice === undefined ? message : `${message} ${advice}`;
}

/** Parses a value that may be undefined: then it is missing, unless the parser has a value for absent fields. */
export function parseOptional<T>(parser: Parser<T>, given: unknown, coerce: boolean): Parsed<T> {
  if (given !== undefined) return parser.parse(given, coerce);
  if (parser.absent !== undefined) return parser.absent;
  return { issues: [{ path: [], message: `Missing. Expected ${parser.describe(coerce)}.` }] };
}

/** A longer list of known keys does not help. */
const MAX_LISTED = 12;

/** @param noun names a key: option, field */
export function describeUnknown(noun: string, key: string, known: readonly string[]): string {
  const closest = findClosest(key, known);
  if (closest !== undefined) return `Unknown ${noun}. Did you mean "${closest}"?`;
  if (known.length === 0 || known.length > MAX_LISTED) return `Unknown ${noun}.`;
  return `Unknown ${noun}. Expected one of: ${known.join(", ")}.`;
}

/** Stands for a value in `describeMismatch` that must not be shown. */
export const SECRET = Symbol("secret");

const MAX_SHOWN = 100;

/** Shows a value in a message: as JSON, shortened. */
export function show(given: unknown): string {
  if (given === undefined) return "nothing";
  if (given === SECRET) return "a value that is not shown because it may be a secret";
  if (typeof given === "function") return "a function";
  const shown =
    typeof given === "object" || typeof given === "string" ? toJson(given) : String(given);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}

function toJson(given: unknown): string {
  try {
    return JSON.stringify(given);
  } catch {
    // A script's object may refer to itself.
    return "an object";
  }
}

/** The source of a value. */
export interface Source {
  /** Names it to users: `--max-depth`, `TEPAL_PORT`, `tepal.config.json: port`, a JSON pointer, `loadtest.ts:12`. */
  readonly at: string;
  /** As for `Parser.parse`. @default false */
  readonly coerce?: boolean;
}

/** Collects the problems of an input, so that users see all of them at once. */
export class InputProblems {
  readonly #problems: Problem[] = [];

  get list(): readonly Problem[] {
    return this.#problems;
  }

  add(at: string, message: string): void {
    this.#problems.push({ at, message });
  }

  /** Adds a problem for each key that is not known. @param noun names a key: option, field */
  addUnknown(
    given: object,
    known: readonly string[],
    noun: string,
    toAt: (key: string) => string,
  ): void {
    for (const key of Object.keys(given)) {
      if (!known.includes(key)) this.add(toAt(key), describeUnknown(noun, key, known));
    }
  }

  /**
   * Reads a value, or adds its problems and returns undefined. A problem inside the value is at the source's name and a JSON pointer.
   * A value that is undefined is missing, unless its parser has a value for absent fields.
   */
  read<T>(parser: Parser<T>, given: unknown, { at, coerce = false }: Source): T | undefined {
    const parsed = parseOptional(parser, given, coerce);
    if ("value" in parsed) return parsed.value;
    for (const { path, message } of parsed.issues) this.add(`${at}${formatPointer(path)}`, message);
    return undefined;
  }

  /** @param noun names in the message what is invalid: option, field @throws TepalError if there are problems, with all of them */
  throwIfAny(code: ErrorCode, noun: string): void {
    if (this.#problems.length > 0) throw toInputError(code, noun, this.#problems);
  }
}

/**
 * Makes an error of problems. Its message is `Invalid option --port: Expected …` for one problem, and a list for several.
 * @param noun names what is invalid: option, field
 */
export function toInputError(
  code: ErrorCode,
  noun: string,
  problems: readonly Problem[],
): TepalError {
  const [first] = problems;
  const message =
    problems.length === 1 && first !== undefined
      ? `Invalid ${noun}${first.at === "" ? "" : ` ${first.at}`}: ${first.message}`
      : [`${problems.length} invalid ${noun}s:`, ...problems.map(formatProblem)].join("\n  ");
  return new TepalError(code, message, { problems });
}

/** Formats a problem as one line: `--port: Expected …`. */
export function formatProblem({ at, message }: Problem): string {
  return at === "" ? message : `${at}: ${message}`;
}
