import { TepalError } from "../kernel/errors.ts";
import type { Span } from "./syntax/ast.ts";

/** Prometheus's error types (`errorType` in its HTTP API). */
export type QueryErrorType = "bad_data" | "execution" | "timeout" | "internal";

const CODES = {
  bad_data: "QUERY_INVALID",
  execution: "QUERY_FAILED",
  timeout: "QUERY_TIMEOUT",
} as const;

/**
 * Returns the error type of anything thrown by a query, for replies in the format of the Prometheus HTTP API; `internal`
 * for any other error.
 *
 * @example
 * ```ts
 * import { parse, toErrorType } from "tepal/promql";
 *
 * try {
 *   parse("sum(");
 * } catch (error) {
 *   console.log(toErrorType(error)); // bad_data
 * }
 * ```
 */
export function toErrorType(thrown: unknown): QueryErrorType {
  if (thrown instanceof TepalError) {
    for (const type of ["bad_data", "execution", "timeout"] as const) {
      if (thrown.code === CODES[type]) return type;
    }
  }
  return "internal";
}

/** Creates the error for an invalid expression; the position precedes the message, as in Prometheus. */
export function createParseError(query: string, at: number, message: string): TepalError {
  const location = toLocation(query, at);
  return new TepalError(CODES.bad_data, `${location}: parse error: ${message}`, {
    problems: [{ at: location, message }],
  });
}

export function createRequestError(message: string): TepalError {
  return new TepalError(CODES.bad_data, message);
}

export function createExecutionError(message: string): TepalError {
  return new TepalError(CODES.execution, message);
}

export function createTimeoutError(where: string): TepalError {
  return new TepalError(CODES.timeout, `query timed out in ${where}`);
}

/** Formats `line:column`, both 1-based. */
export function toLocation(query: string, at: number): string {
  const before = query.slice(0, at);
  const line = before.split("\n").length;
  return `${line}:${at - before.lastIndexOf("\n")}`;
}

/** Maximum warnings, and maximum infos, of one query. Each series may cause another one. */
const MAX_NOTES = 10;
const MAX_NOTE_CHARACTERS = 1_000;

/** Warnings of a query in Prometheus's words, each once. */
export interface Notes {
  readonly warnings: ReadonlySet<string>;
  readonly infos: ReadonlySet<string>;
  /** Further notes than `MAX_NOTES` are only mentioned. */
  warn(message: string, { start }: Span): void;
  info(message: string, { start }: Span): void;
}

export function createNotes(query: string): Notes {
  const warnings = new Set<string>();
  const infos = new Set<string>();
  // Many series and steps produce the same warning at the same position.
  const locations = new Map<number, string>();
  const toNote = (kind: string, message: string, at: number): string => {
    const location = locations.get(at) ?? toLocation(query, at);
    locations.set(at, location);
    return `PromQL ${kind}: ${message} (${location})`;
  };
  const add = (notes: Set<string>, kind: "warning" | "info", message: string, at: number): void => {
    if (notes.size > MAX_NOTES) return;
    const note = toNote(kind, message.slice(0, MAX_NOTE_CHARACTERS), at);
    if (notes.size < MAX_NOTES) notes.add(note);
    else if (!notes.has(note)) notes.add(`more ${kind} annotations omitted`);
  };
  return {
    warnings,
    infos,
    warn: (message, { start }) => add(warnings, "warning", message, start),
    info: (message, { start }) => add(infos, "info", message, start),
  };
}
