import type { ErrorCode, Problem, TepalError } from "./errors.ts";

/** How an error is told over HTTP: problem details, RFC 9457. */
export interface ProblemDetails {
  /** `urn:tepal:problem:` and the code in lower case with hyphens. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable; for programs. */
  readonly code: ErrorCode;
  /** Every fault of the input, each with a JSON pointer (RFC 6901) into the body, or the name of its column where that is CSV. */
  readonly errors?: readonly ErrorItem[];
  /** The request's id, as in X-Request-Id. */
  readonly id: string;
}

export type ErrorItem = { readonly detail: string } & (
  | { readonly pointer: string }
  | { readonly column: string }
);

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

export function toProblemDetails(error: TepalError, id: string): ProblemDetails {
  const { code, title, status, message } = error;
  return {
    type: `urn:tepal:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    // What went wrong inside is for the log, not for whoever asks.
    detail: code === "INTERNAL" ? `The log has more under the id ${id}.` : message,
    code,
    ...(error.problems.length > 0 && {
      errors: toErrorItems(error.problems),
    }),
    id,
  };
}

export function toErrorItems(problems: readonly Problem[]): ErrorItem[] {
  return problems.map(({ at, place, message: detail }) =>
    place === "column" ? { column: at, detail } : { pointer: at, detail },
  );
}
