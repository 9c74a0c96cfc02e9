import { Type } from "typebox";
import {
  REQUEST_ERRORS,
  TepalError,
  type ErrorCode,
  type RequestErrorCode,
} from "../../kernel/errors.ts";
import { toProblemDetails } from "../../kernel/problem-details.ts";

/** Problem details, RFC 9457. */
export const PROBLEM = Type.Object(
  {
    type: Type.String({ description: "Identifier of the kind of problem", format: "uri" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What is wrong, where, what was expected, and what to do" }),
    code: Type.Unsafe<RequestErrorCode>({
      type: "string",
      title: "ErrorCode",
      enum: Object.keys(REQUEST_ERRORS),
      description: "Stable code, for programs",
    }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pointer: Type.Optional(
              Type.String({ description: "JSON pointer (RFC 6901) into the body" }),
            ),
            column: Type.Optional(
              Type.String({
                description: "For a CSV body: the name of the column, instead of `pointer`",
              }),
            ),
            detail: Type.String(),
          },
          { title: "InputError" },
        ),
        { description: "All problems of the input" },
      ),
    ),
    id: Type.String({ description: "The request's id, as in X-Request-Id" }),
  },
  { title: "Problem", description: "Problem details (RFC 9457)" },
);

/** The id of requests in examples. */
export const EXAMPLE_ID = "0b8f3c1e5a524d0c9a8e0d4b9f1f2a63";

interface ProblemResponse {
  /** Its name among the responses of the OpenAPI document. */
  readonly name: string;
  readonly description: string;
  /** The code of its example. */
  readonly code: ErrorCode;
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY = { "Retry-After": "Seconds after which the client may retry" };

/** Responses with problem details, by status. */
const RESPONSES: Readonly<Record<number, ProblemResponse>> = {
  400: {
    name: "BadRequest",
    description: "The request is malformed, or its body is not valid JSON",
    code: "MALFORMED_JSON",
  },
  401: {
    name: "Unauthorized",
    description: "The request needs an API key",
    code: "UNAUTHORIZED",
    headers: { "WWW-Authenticate": "The accepted scheme, Bearer" },
  },
  403: {
    name: "Forbidden",
    description:
      "The role of the API key does not allow this, or the Host header has a name that the server does not have",
    code: "FORBIDDEN",
  },
  404: {
    name: "NotFound",
    description: "There is no such model or version",
    code: "MODEL_NOT_FOUND",
  },
  405: {
    name: "MethodNotAllowed",
    description: "The path has other methods",
    code: "METHOD_NOT_ALLOWED",
    headers: { Allow: "The methods of the path" },
  },
  406: {
    name: "NotAcceptable",
    description: "Header Accept allows no format of a stream of rows",
    code: "NOT_ACCEPTABLE",
  },
  408: {
    name: "RequestTimeout",
    description: "The request arrived too slowly",
    code: "REQUEST_TIMEOUT",
  },
  413: { name: "BodyTooLarge", description: "The body is too large", code: "BODY_TOO_LARGE" },
  414: { name: "UriTooLong", description: "The URL is too long", code: "URI_TOO_LONG" },
  415: {
    name: "UnsupportedMediaType",
    description: "The type or coding of the body is not supported",
    code: "UNSUPPORTED_MEDIA_TYPE",
    headers: { "Accept-Encoding": "The accepted content codings" },
  },
  422: {
    name: "InvalidInput",
    description:
      "The input does not fit the model, and `errors` lists every problem; or a policy rejects a row",
    code: "INVALID_INPUT",
  },
  429: {
    name: "TooManyRequests",
    description: "Too many requests",
    code: "TOO_MANY_REQUESTS",
    headers: RETRY,
  },
  503: {
    name: "Unavailable",
    description: "No model is ready, or the server is overloaded or stopping",
    code: "MODEL_NOT_READY",
    headers: RETRY,
  },
};

const PROBLEM_CONTENT = "application/problem+json";

/** Returns the response schemas of a route for these error statuses. */
export function problemReplies(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    statuses.map((status) => {
      const { description } = findResponse(status);
      return [status, { description, content: { [PROBLEM_CONTENT]: { schema: PROBLEM } } }];
    }),
  );
}

/** Returns the name and the content of an error response for the OpenAPI document. */
export function describeProblemReply(status: number): {
  readonly name: string;
  readonly response: object;
} {
  const { name, description, code, headers = {} } = findResponse(status);
  const problems =
    status === 422 ? [{ at: "/sepal_length", message: "Missing. Expected a number." }] : [];
  const error = new TepalError(code, `${description}.`, { problems });
  const example = toProblemDetails(error, EXAMPLE_ID);
  const response = {
    description,
    ...(Object.keys(headers).length > 0 && { headers: toHeaders(headers) }),
    content: { [PROBLEM_CONTENT]: { schema: PROBLEM, example } },
  };
  return { name, response };
}

function findResponse(status: number): ProblemResponse {
  const response = RESPONSES[status];
  if (response === undefined) throw new Error(`No response is described for status ${status}.`);
  return response;
}

function toHeaders(headers: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: "string" } },
    ]),
  );
}
