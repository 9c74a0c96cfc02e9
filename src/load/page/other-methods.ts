import type { FastifyInstance, HTTPMethods } from "fastify";
import { TepalError } from "../../kernel/errors.ts";

const ALL: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

declare module "fastify" {
  interface FastifyContextConfig {
    /** For clients of the load page that use another method. */
    otherMethodsAdvice?: string;
  }
}

/**
 * Replies to methods that a path does not have, for all routes that are added from now on: 405 with an `Allow` header, and 200 to OPTIONS,
 * as Locust does. No reply allows pages of other origins anything.
 *
 * @returns a function to be called once, after the last route
 */
export function answerOtherMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  const advice = new Map<string, string>();
  app.addHook("onRoute", ({ url, method, config }) => {
    // Files: there is no such path for other methods.
    if (url.endsWith("*")) return;
    const methods = known.get(url) ?? new Set(["OPTIONS"]);
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one);
    known.set(url, methods);
    if (config?.otherMethodsAdvice !== undefined) advice.set(url, config.otherMethodsAdvice);
  });

  return () => {
    for (const [url, methods] of known) {
      const allow = ALL.filter((method) => methods.has(method)).join(", ");
      const others = ALL.filter((method) => !methods.has(method));
      const message = [`Expected one of the methods ${allow}.`, advice.get(url) ?? ""].join(" ");
      app.options(url, (_request, reply) => reply.header("allow", allow).send());
      app.route({
        method: others,
        url,
        onRequest(_request, reply, done) {
          void reply.header("allow", allow);
          done(new TepalError("METHOD_NOT_ALLOWED", message.trim()));
        },
        handler: () => {},
      });
    }
  };
}
