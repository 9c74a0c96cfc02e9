import type { Problem, RequestErrorCode, TepalError } from "./errors.ts";

/** An error in an HTTP response: problem details (RFC 9457). */
export interface ProblemDetails {
  /** `urn:tepal:problem:` and the code in lower case with hyphens. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable, for programs. */
  readonly code: RequestErrorCode;
  /** Every problem of the input, with a JSON pointer (RFC 6901) into the body, or with the name of a column of a CSV body. */
  readonly errors?: readonly ErrorItem[];
  /** The request ID, as in X-Request-Id. */
  readonly id: string;
}

export type ErrorItem = { readonly detail: string } & (
  | { readonly pointer: string }
  | { readonly column: string }
);

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/**
 * Makes the problem details of an error. The details of an internal error stay in the log, also those of a command error that ends a
 * request.
 */
export function toProblemDetails(error: TepalError, id: string): ProblemDetails {
  const { requestCode: code, title, status, message, problems } = error;
  const isInternal = code === "INTERNAL";
  return {
    type: `urn:tepal:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    detail: isInternal ? `See the server log for request ID ${id}.` : message,
    code,
    ...(problems.length > 0 && !isInternal && { errors: toErrorItems(problems) }),
    id,
  };
}

export function toErrorItems(problems: readonly Problem[]): ErrorItem[] {
  return problems.map(({ at, kind, message: detail }) =>
    kind === "column" ? { column: at, detail } : { pointer: at, detail },
  );
}
