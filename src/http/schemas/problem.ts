import { Type } from "typebox";
import { TepalError, type ErrorCode } from "../../kernel/errors.ts";
import { toProblemDetails } from "../../kernel/problem-details.ts";

/** Problem details, RFC 9457. */
export const PROBLEM = Type.Object(
  {
    type: Type.String({ description: "Identifier of the kind of problem", format: "uri" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What is wrong, where, what was expected, and what to do" }),
    code: Type.String({ description: "Stable code, for programs" }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.Optional(
            Type.String({ description: "JSON pointer (RFC 6901) into the body" }),
          ),
          column: Type.Optional(
            Type.String({
              description: "For a CSV body: the name of the column, instead of `pointer`",
            }),
          ),
          detail: Type.String(),
        }),
        { description: "All problems of the input" },
      ),
    ),
    id: Type.String({ description: "The request's id, as in X-Request-Id" }),
  },
  { description: "Problem details (RFC 9457)" },
);

/** By status: its general meaning, and the code of its example. */
const KINDS: Readonly<Record<number, readonly [description: string, example: ErrorCode]>> = {
  400: ["The body is not valid JSON", "MALFORMED_JSON"],
  401: ["The request needs an API key", "UNAUTHORIZED"],
  403: ["The role of the API key does not allow this", "FORBIDDEN"],
  404: ["There is no such model or version", "MODEL_NOT_FOUND"],
  408: ["The request arrived too slowly", "REQUEST_TIMEOUT"],
  413: ["The body is too large", "BODY_TOO_LARGE"],
  415: ["The body's type is not supported", "UNSUPPORTED_MEDIA_TYPE"],
  422: ["The input does not fit the model; `errors` lists every problem", "INVALID_INPUT"],
  429: ["Too many requests; retry after Retry-After seconds", "TOO_MANY_REQUESTS"],
  503: [
    "No model is ready, or the server is overloaded or stopping; retry after Retry-After seconds",
    "MODEL_NOT_READY",
  ],
};

/** Returns the response schemas of a route for these error statuses. */
export function problemReplies(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    statuses.map((status) => {
      const [description, code] = KINDS[status] ?? ["", "INTERNAL"];
      const problems =
        status === 422 ? [{ at: "/sepal_length", message: "Missing. Expected a number." }] : [];
      const error = new TepalError(code, description, { problems });
      const example = toProblemDetails(error, "0b8f3c1e5a524d0c9a8e0d4b9f1f2a63");
      const schema = { ...PROBLEM, examples: [example] };
      return [status, { description, content: { "application/problem+json": { schema } } }];
    }),
  );
}
