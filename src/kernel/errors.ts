/** How one kind of error is told to the outside: over HTTP, and as a process's exit code. */
interface ErrorKind {
  /** HTTP status, when the error ends a request. */
  readonly status: number;
  /** Exit code, when the error ends a command (docs: README, "Exit codes"). */
  readonly exitCode: number;
  /** A short, stable name of the problem, the same for every occurrence (RFC 9457 `title`). */
  readonly title: string;
}

/** Every error that Tepal raises on purpose. Codes are stable: clients and scripts may rely on them. */
export const ERROR_KINDS = {
  MALFORMED_JSON: { status: 400, exitCode: 1, title: "The body is not valid JSON" },
  MALFORMED_REQUEST: { status: 400, exitCode: 1, title: "The request is malformed" },
  UNAUTHORIZED: { status: 401, exitCode: 1, title: "A key is needed" },
  FORBIDDEN: { status: 403, exitCode: 1, title: "This key may not do that" },
  FOREIGN_REQUEST: { status: 403, exitCode: 1, title: "The request comes from elsewhere" },
  NOT_FOUND: { status: 404, exitCode: 1, title: "There is nothing at this address" },
  MODEL_NOT_FOUND: { status: 404, exitCode: 1, title: "There is no such model" },
  METHOD_NOT_ALLOWED: { status: 405, exitCode: 1, title: "This address does not take this method" },
  NOT_ACCEPTABLE: { status: 406, exitCode: 1, title: "There is no reply of that type" },
  REQUEST_TIMEOUT: { status: 408, exitCode: 1, title: "The request took too long to arrive" },
  CONFLICT: { status: 409, exitCode: 1, title: "That cannot be done now" },
  BODY_TOO_LARGE: { status: 413, exitCode: 1, title: "The request is too large" },
  URI_TOO_LONG: { status: 414, exitCode: 1, title: "The address is too long" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, exitCode: 1, title: "The body's type is not supported" },
  EXPECTATION_FAILED: { status: 417, exitCode: 1, title: "The expectation cannot be met" },
  INVALID_INPUT: { status: 422, exitCode: 1, title: "The input does not fit the model" },
  INVALID_PLAN: { status: 422, exitCode: 2, title: "The load test cannot be run like that" },
  OUT_OF_DISTRIBUTION: {
    status: 422,
    exitCode: 1,
    title: "The input is unlike the training data",
  },
  TOO_MANY_REQUESTS: { status: 429, exitCode: 1, title: "Too many requests" },
  HEADERS_TOO_LARGE: { status: 431, exitCode: 1, title: "The request's headers are too large" },
  INTERNAL: { status: 500, exitCode: 70, title: "The server failed" },
  MODEL_NOT_READY: { status: 503, exitCode: 1, title: "No model is ready" },
  OVERLOADED: { status: 503, exitCode: 1, title: "The server has too much to do" },
  SHUTTING_DOWN: { status: 503, exitCode: 1, title: "The server is shutting down" },
  INVALID_OPTION: { status: 500, exitCode: 2, title: "An option is not usable" },
  INVALID_DATA: { status: 500, exitCode: 1, title: "The training data is not usable" },
  MODEL_DAMAGED: { status: 500, exitCode: 1, title: "The model is damaged" },
  MODEL_UNSUPPORTED: { status: 500, exitCode: 1, title: "The model uses what Tepal cannot run" },
  CANNOT_WRITE: { status: 500, exitCode: 1, title: "A file could not be written" },
  CANNOT_LISTEN: { status: 500, exitCode: 1, title: "The server could not listen" },
  INVALID_RULES: { status: 500, exitCode: 2, title: "A rule file is not usable" },
  QUERY_INVALID: { status: 400, exitCode: 1, title: "The query is not valid" },
  QUERY_FAILED: { status: 422, exitCode: 1, title: "The query could not be evaluated" },
  QUERY_TIMEOUT: { status: 503, exitCode: 1, title: "The query took too long" },
  CANCELLED: { status: 503, exitCode: 130, title: "Cancelled" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** One thing that is wrong with an input, and where. */
export interface Problem {
  /**
   * Where: a JSON pointer (RFC 6901) into a request body, `row 3, column "age"` in a CSV file,
   * an option's name, or a path inside a file.
   */
  readonly at: string;
  /** What `at` is where a body of rows is no JSON: the name of a column. */
  readonly place?: "column";
  /** What is wrong, what was expected, and what to do. */
  readonly message: string;
}

/**
 * The one base class of errors. Its message is written for the person who can mend the cause:
 * what was wrong, where, what was expected, what to do. `problems` lists every fault of one input.
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

  get status(): number {
    return ERROR_KINDS[this.code].status;
  }

  get exitCode(): number {
    return ERROR_KINDS[this.code].exitCode;
  }

  get title(): string {
    return ERROR_KINDS[this.code].title;
  }
}

/** The message of anything thrown, for a text that quotes it. */
export function toMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
