import { METHODS } from "node:http";
import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";

/** In the order of Allow headers. */
const USUAL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** All methods that Node's parser knows; CONNECT never reaches a route. */
const ALL = [...USUAL, ...METHODS.filter((name) => !USUAL.includes(name) && name !== "CONNECT")];

/**
 * Replies 405 with an `Allow` header to methods that a path does not have, for all routes that are added from now on.
 *
 * @returns a function to be called once, after the last route
 */
export function rejectOtherMethods(app: FastifyInstance): () => void {
  for (const method of ALL) {
    // Their bodies are never read.
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: false });
  }
  const urls = new Set<string>();
  app.addHook("onRoute", ({ url }) => void urls.add(url));

  return () => {
    for (const url of urls) {
      // The router knows them best: plugins add some without the hook, and Fastify adds HEAD to every GET route.
      const methods = new Set(ALL.filter((method) => app.hasRoute({ method, url })));
      const allow = [...methods].join(", ");
      app.route({
        method: ALL.filter((method) => !methods.has(method)),
        url,
        // The error is the same for all clients.
        config: { access: "public" },
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
