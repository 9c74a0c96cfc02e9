import type { FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { isSameOrigin } from "../../kernel/same-origin.ts";
import type { HttpOptions } from "../options.ts";

/**
 * Creates the check of routes whose requests may be expensive: no page of another site may send them through the browser of a user.
 * Returns undefined for requests that may run: those of programs, of this origin, of `--external-url` and `--cors-origins`, and a
 * link that a user follows to one of `linked`.
 *
 * @param linked paths that notifications link to
 */
export function createCrossSiteCheck(
  { corsOrigins, externalUrl }: Pick<HttpOptions, "corsOrigins" | "externalUrl">,
  linked: ReadonlySet<string>,
): (request: FastifyRequest, path: string) => TepalError | undefined {
  const origins = new Set(corsOrigins);
  if (externalUrl !== null) origins.add(new URL(externalUrl).origin);
  return (request, path) => {
    const { headers, method } = request;
    const isLink =
      method === "GET" &&
      headers.origin === undefined &&
      headers["sec-fetch-mode"] === "navigate" &&
      headers["sec-fetch-dest"] === "document";
    if (origins.has("*") || isSameOrigin(headers, origins) || (isLink && linked.has(path))) {
      return undefined;
    }
    return new TepalError(
      "FOREIGN_REQUEST",
      "Only a program or a page of this server may send this request, not a page of another origin. --cors-origins allows other origins.",
    );
  };
}
