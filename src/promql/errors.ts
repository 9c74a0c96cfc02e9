import { TepalError } from "../kernel/errors.ts";
import type { Span } from "./syntax/ast.ts";

/** Prometheus's word for what kind of error ended a query (`errorType` in its HTTP API). */
export type QueryErrorType = "bad_data" | "execution" | "timeout" | "internal";

const CODES = {
  bad_data: "QUERY_INVALID",
  execution: "QUERY_FAILED",
  timeout: "QUERY_TIMEOUT",
} as const;

/** The error type of what a query threw. */
export function toErrorType(thrown: unknown): QueryErrorType {
  if (thrown instanceof TepalError) {
    for (const type of ["bad_data", "execution", "timeout"] as const) {
      if (thrown.code === CODES[type]) return type;
    }
  }
  return "internal";
}

/** An expression that is not PromQL; the place stands in front of the message, as in Prometheus. */
export function createParseError(query: string, at: number, message: string): TepalError {
  const place = toPlace(query, at);
  return new TepalError(CODES.bad_data, `${place}: parse error: ${message}`, {
    problems: [{ at: place, message }],
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

/** `line:column`, both from 1. */
export function toPlace(query: string, at: number): string {
  const before = query.slice(0, at);
  const line = before.split("\n").length;
  return `${line}:${at - before.lastIndexOf("\n")}`;
}

/** What a query did that may not be meant, in Prometheus's words; each text once. */
export interface Notes {
  readonly warnings: ReadonlySet<string>;
  readonly infos: ReadonlySet<string>;
  warn(message: string, { start }: Span): void;
  info(message: string, { start }: Span): void;
}

export function createNotes(query: string): Notes {
  const warnings = new Set<string>();
  const infos = new Set<string>();
  // The same place is noted for many series and steps.
  const places = new Map<number, string>();
  const toNote = (kind: string, message: string, at: number): string => {
    const place = places.get(at) ?? toPlace(query, at);
    places.set(at, place);
    return `PromQL ${kind}: ${message} (${place})`;
  };
  return {
    warnings,
    infos,
    warn: (message, { start }) => warnings.add(toNote("warning", message, start)),
    info: (message, { start }) => infos.add(toNote("info", message, start)),
  };
}
