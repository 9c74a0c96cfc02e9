/** A kind of error that ends a request. */
interface RequestError {
  /** HTTP status. */
  readonly status: number;
  /** A short, stable name of the problem, the same for each occurrence (RFC 9457 `title`). */
  readonly title: string;
}

/** A kind of error that ends a command. */
interface CommandError {
  readonly exitCode: number;
  /** For docs/api.md. */
  readonly title: string;
}

/**
 * The errors that Tepal raises on purpose, in two tables. Codes are stable: clients and scripts rely on them. A code in both tables has a
 * status and an exit code of its own. By rule, a request error that ends a command exits with 1 (`exitCode`), and a command error that
 * ends a request is INTERNAL to the client (`requestCode`).
 */
export const REQUEST_ERRORS = {
  MALFORMED_JSON: { status: 400, title: "The body is not valid JSON" },
  MALFORMED_REQUEST: { status: 400, title: "The request is malformed" },
  QUERY_INVALID: { status: 400, title: "The query is not valid" },
  UNAUTHORIZED: { status: 401, title: "Authentication required" },
  FORBIDDEN: { status: 403, title: "The key does not have the required role" },
  FOREIGN_REQUEST: { status: 403, title: "Cross-origin request rejected" },
  NOT_FOUND: { status: 404, title: "Not found" },
  MODEL_NOT_FOUND: { status: 404, title: "Model not found" },
  METHOD_NOT_ALLOWED: { status: 405, title: "Method not allowed" },
  NOT_ACCEPTABLE: { status: 406, title: "No acceptable response format" },
  REQUEST_TIMEOUT: { status: 408, title: "The request took too long to arrive" },
  CONFLICT: { status: 409, title: "The request conflicts with the current state" },
  BODY_TOO_LARGE: { status: 413, title: "The request body is too large" },
  URI_TOO_LONG: { status: 414, title: "The URL is too long" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "Unsupported content type" },
  EXPECTATION_FAILED: { status: 417, title: "The Expect header cannot be met" },
  INVALID_INPUT: { status: 422, title: "Invalid input for the model" },
  INVALID_PLAN: { status: 422, title: "Invalid load test settings" },
  INVALID_DASHBOARD: { status: 422, title: "The dashboard file is not valid" },
  OUT_OF_DISTRIBUTION: { status: 422, title: "The input is outside the training distribution" },
  UNKNOWN_CATEGORY: { status: 422, title: "The input has a category that the model does not know" },
  UNCHECKED_INPUT: { status: 422, title: "The input could not be compared with the training data" },
  QUERY_FAILED: { status: 422, title: "The query could not be evaluated" },
  TOO_MANY_REQUESTS: { status: 429, title: "Too many requests" },
  HEADERS_TOO_LARGE: { status: 431, title: "The request headers are too large" },
  INTERNAL: { status: 500, title: "Internal server error" },
  NOT_IMPLEMENTED: { status: 501, title: "The transfer coding is not supported" },
  BAD_GATEWAY: { status: 502, title: "Another server did not reply as expected" },
  MODEL_NOT_READY: { status: 503, title: "No model is ready" },
  OVERLOADED: { status: 503, title: "The server is overloaded" },
  ENGINE_FAILED: { status: 503, title: "The process that computes the model ended" },
  ENGINE_TIMEOUT: { status: 503, title: "The model took too long" },
  ENGINE_OVERLOADED: { status: 503, title: "Too many requests wait for the model" },
  QUERY_TIMEOUT: { status: 503, title: "The query timed out" },
  SHUTTING_DOWN: { status: 503, title: "The server is shutting down" },
  CANCELLED: { status: 503, title: "The request was cancelled" },
  VERSION_UNSUPPORTED: { status: 505, title: "The version of HTTP is not supported" },
} as const satisfies Record<string, RequestError>;

export const COMMAND_ERRORS = {
  CANNOT_LISTEN: { exitCode: 1, title: "The server cannot listen on its host and port" },
  CANNOT_WRITE: { exitCode: 1, title: "A file cannot be written" },
  INVALID_DATA: { exitCode: 1, title: "Invalid training data" },
  MODEL_DAMAGED: { exitCode: 1, title: "The model's files are damaged" },
  MODEL_UNSUPPORTED: {
    exitCode: 1,
    title: "The model uses operators or features that Tepal does not support",
  },
  INVALID_OPTION: { exitCode: 2, title: "Invalid option" },
  INVALID_PLAN: { exitCode: 2, title: "Invalid load test settings" },
  INVALID_RULES: { exitCode: 2, title: "Invalid rule file" },
  INTERNAL: { exitCode: 70, title: "A bug in Tepal" },
  CANCELLED: { exitCode: 130, title: "Cancelled" },
} as const satisfies Record<string, CommandError>;

export type RequestErrorCode = keyof typeof REQUEST_ERRORS;
export type CommandErrorCode = keyof typeof COMMAND_ERRORS;
export type ErrorCode = RequestErrorCode | CommandErrorCode;

/** Exit code of a command that a request error ends. */
const REQUEST_EXIT_CODE = 1;

/** A problem in an input. */
export interface Problem {
  /**
   * Its location: a JSON pointer (RFC 6901) into a request body, `row 3, column "age"` in a CSV file, `--flag`, `TEPAL_VARIABLE`, or a
   * file with a key or line.
   */
  readonly at: string;
  /** Set if `at` is the name of a column, in a body of CSV rows. */
  readonly kind?: "column";
  /** States what was expected and what was found, and what to do. */
  readonly message: string;
}

/**
 * The base class of all errors that Tepal raises on purpose. The message is for the person that can remove the cause: it states what is
 * wrong, where, what was expected and what to do. `problems` lists every problem of an input.
 *
 * @example
 * ```ts
 * import { createServer, TepalError } from "tepal";
 *
 * try {
 *   await createServer({ port: 70_000 });
 * } catch (error) {
 *   if (!(error instanceof TepalError)) throw error;
 *   console.log(error.code, error.problems[0]?.at); // INVALID_OPTION --port
 * }
 * ```
 */
export class TepalError extends Error {
  override readonly name = "TepalError";
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly problems?: readonly Problem[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
  }

  /** The code that a client gets: INTERNAL for an error of commands. */
  get requestCode(): RequestErrorCode {
    return isIn(REQUEST_ERRORS, this.code) ? this.code : "INTERNAL";
  }

  get status(): number {
    return REQUEST_ERRORS[this.requestCode].status;
  }

  get title(): string {
    return REQUEST_ERRORS[this.requestCode].title;
  }

  get exitCode(): number {
    return isIn(COMMAND_ERRORS, this.code) ? COMMAND_ERRORS[this.code].exitCode : REQUEST_EXIT_CODE;
  }
}

function isIn<T extends object>(table: T, code: string): code is keyof T & string {
  return Object.hasOwn(table, code);
}

/** Returns the message of anything thrown. */
export function toMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** True for the error of a write to a pipe whose reader has ended. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
