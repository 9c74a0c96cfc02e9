import { Type } from "typebox";
import { TepalError, type ErrorCode } from "../../kernel/errors.ts";
import { toProblemDetails } from "../../kernel/problem-details.ts";

/** Problem details, RFC 9457. */
export const PROBLEM = Type.Object(
  {
    type: Type.String({ description: "Identifies the kind of problem", format: "uri" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What is wrong this time, and what to do" }),
    code: Type.String({ description: "Stable, for programs" }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.Optional(
            Type.String({ description: "JSON pointer (RFC 6901) into the body" }),
          ),
          column: Type.Optional(
            Type.String({ description: "Instead, where the body is CSV: the column's name" }),
          ),
          detail: Type.String(),
        }),
        { description: "Every fault of the input" },
      ),
    ),
    id: Type.String({ description: "The request's id, as in X-Request-Id" }),
  },
  { description: "Problem details (RFC 9457)" },
);

/** By status: what it means in general, and the code that stands in its example. */
const KINDS: Readonly<Record<number, readonly [description: string, example: ErrorCode]>> = {
  400: ["The body is not valid JSON", "MALFORMED_JSON"],
  401: ["A key is needed", "UNAUTHORIZED"],
  403: ["The key may not do that", "FORBIDDEN"],
  404: ["There is no such model or version", "MODEL_NOT_FOUND"],
  408: ["The request took too long to arrive", "REQUEST_TIMEOUT"],
  413: ["The body is too large", "BODY_TOO_LARGE"],
  415: ["The body's type is not supported", "UNSUPPORTED_MEDIA_TYPE"],
  422: ["The input does not fit the model; every problem is listed", "INVALID_INPUT"],
  429: ["Too many requests; Retry-After says when to try again", "TOO_MANY_REQUESTS"],
  503: [
    "No model is ready, or the server is overloaded or stopping; Retry-After says when to try again",
    "MODEL_NOT_READY",
  ],
};

/** The response schemas of the statuses that a route may answer with besides success. */
export function problemReplies(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    statuses.map((status) => {
      const [description, code] = KINDS[status] ?? ["", "INTERNAL"];
      const problems = status === 422 ? [{ at: "/sepal_length", message: "is missing" }] : [];
      const error = new TepalError(code, description, { problems });
      const example = toProblemDetails(error, "0b8f3c1e5a524d0c9a8e0d4b9f1f2a63");
      const schema = { ...PROBLEM, examples: [example] };
      return [status, { description, content: { "application/problem+json": { schema } } }];
    }),
  );
}
