import type { FastifyInstance, HTTPMethods } from "fastify";
import { TepalError } from "../../kernel/errors.ts";

const ALL: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Replies 405 with an `Allow` header to methods that a path does not have, for all routes that are added from now on.
 *
 * @returns a function to be called once, after the last route
 */
export function rejectOtherMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one);
    known.set(url, methods);
  });

  return () => {
    for (const [url, methods] of known) {
      // Fastify adds HEAD to every GET route.
      if (methods.has("GET")) methods.add("HEAD");
      const allow = ALL.filter((method) => methods.has(method)).join(", ");
      app.route({
        method: ALL.filter((method) => !methods.has(method)),
        url,
        schema: { hide: true },
        onRequest(_request, reply, done) {
          void reply.header("allow", allow);
          done(new TepalError("METHOD_NOT_ALLOWED", `Expected one of the methods ${allow}.`));
        },
        handler: () => {},
      });
    }
  };
}
