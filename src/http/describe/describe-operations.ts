import { toJsonObject, type JsonObject } from "../../kernel/json.ts";
import type { HttpOptions } from "../options.ts";
import { isRateLimited } from "../limits/rate-count.ts";
import { describeProblemReply } from "../schemas/problem.ts";

/** Methods of operations in a path item. */
const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

/**
 * Completes the operations of an OpenAPI document with what no route states itself, because it holds for all of them: the statuses of
 * access, limits and malformed requests, as far as the server's options make them occur. Error responses become references.
 * @param document not changed
 */
export function describeOperations(
  document: JsonObject,
  options: Pick<HttpOptions, "apiKeysFile" | "rateLimit" | "allowedHosts">,
): JsonObject {
  const hasKeys = options.apiKeysFile !== null;
  const checksHost = !options.allowedHosts.includes("*");
  const responses: Record<string, unknown> = {};

  function toReference(status: number): JsonObject {
    const { name, response } = describeProblemReply(status);
    responses[name] = response;
    return { $ref: `#/components/responses/${name}` };
  }

  function complete(path: string, operation: JsonObject): JsonObject {
    const isPublic = Array.isArray(operation["security"]) && operation["security"].length === 0;
    const own = Object.entries(toJsonObject(operation["responses"]));
    const common = [400, 405];
    if (hasKeys && !isPublic) common.push(401, 403);
    if (checksHost) common.push(403);
    if (path.includes("{")) common.push(414);
    if (options.rateLimit > 0 && isRateLimited(path)) common.push(429);
    const all: Record<string, unknown> = Object.fromEntries(
      common.map((status) => [status, toReference(status)]),
    );
    for (const [status, response] of own) {
      all[status] = isProblem(response) ? toReference(Number(status)) : response;
    }
    const { security, ...rest } = operation;
    return { ...rest, ...(hasKeys && isPublic && { security }), responses: all };
  }

  const paths = Object.fromEntries(
    Object.entries(toJsonObject(document["paths"])).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(toJsonObject(item)).map(([key, value]) => [
          key,
          METHODS.has(key) ? complete(path, toJsonObject(value)) : value,
        ]),
      ),
    ]),
  );
  const { securitySchemes, ...components } = toJsonObject(document["components"]);
  return {
    ...document,
    paths,
    security: hasKeys ? document["security"] : [],
    components: { ...components, ...(hasKeys && { securitySchemes }), responses },
  };
}

/** True for an error response of a route of Tepal. */
function isProblem(response: unknown): boolean {
  const content = toJsonObject(toJsonObject(response)["content"]);
  const { schema } = toJsonObject(content["application/problem+json"]);
  return toJsonObject(schema)["title"] === "Problem";
}
