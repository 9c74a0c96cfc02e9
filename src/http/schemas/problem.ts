import { Type } from "typebox";

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
          pointer: Type.String({ description: "JSON pointer (RFC 6901) into the body" }),
          detail: Type.String(),
        }),
        { description: "Every fault of the input" },
      ),
    ),
    id: Type.String({ description: "The request's id, as in X-Request-Id" }),
  },
  { description: "Problem details (RFC 9457)" },
);

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: "The body is not valid JSON",
  404: "There is no such model or version",
  408: "The request took too long to arrive",
  413: "The body is too large",
  415: "The body's type is not supported",
  422: "The input does not fit the model; every problem is listed",
  429: "Too many requests; Retry-After says when to try again",
  503: "No model is ready, or the server is stopping; Retry-After says when to try again",
};

/** The response schemas of the statuses that a route may answer with besides success. */
export function problemReplies(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? "",
        content: { "application/problem+json": { schema: PROBLEM } },
      },
    ]),
  );
}
