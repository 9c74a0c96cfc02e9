import type { FastifyInstance, HTTPMethods } from "fastify";
import { TepalError } from "../kernel/errors.ts";

const ALL: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Watches the routes that are added from now on, and answers 405 with `Allow` where one of them is asked
 * with a method that it does not have.
 *
 * @returns to be called once, after the last route
 */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = taken.get(url) ?? new Set();
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one);
    taken.set(url, methods);
  });

  return () => {
    for (const [url, methods] of taken) {
      // Fastify adds HEAD to every GET by itself.
      if (methods.has("GET")) methods.add("HEAD");
      const allow = ALL.filter((method) => methods.has(method)).join(", ");
      app.route({
        method: ALL.filter((method) => !methods.has(method)),
        url,
        schema: { hide: true },
        onRequest(_request, reply, done) {
          void reply.header("allow", allow);
          done(new TepalError("METHOD_NOT_ALLOWED", `This address takes ${allow}`));
        },
        handler: () => {},
      });
    }
  };
}
