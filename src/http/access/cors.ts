import cors, { type FastifyCorsOptions } from "@fastify/cors";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";

/** Browsers ask again whether they may after this time. */
const MAX_AGE_SECONDS = 600;

/**
 * Lets pages of other origins use the server through a browser, where `--cors-origins` names them; without it no reply says
 * anything of origins, and a preflight request is refused like every OPTIONS.
 *
 * Cookies are never let through: who calls is said by a key. A preflight request, which a browser sends without the page's
 * headers, is answered before keys are asked for and counts for no rate limit: it costs no more than its refusal would. It
 * is measured like all requests. Must be called before the hooks that refuse requests, so that a page can read why, and
 * before `authorizeRequests` and `refuseOtherMethods`, whose routes it must not join.
 */
export async function allowOrigins(
  app: FastifyInstance,
  { options, isDraining }: Pick<AppParts, "options" | "isDraining">,
): Promise<void> {
  const named = new Set(options.corsOrigins);
  if (named.size === 0) return;
  const isForAll = named.has("*");
  const allowed: FastifyCorsOptions = {
    origin: isForAll ? "*" : [...named],
    methods: ["GET", "POST"],
    allowedHeaders: ["Content-Type", "Authorization", "X-API-Key", "X-Request-Id"],
    exposedHeaders: ["X-Request-Id", "Retry-After"],
    credentials: false,
    maxAge: MAX_AGE_SECONDS,
  };
  const plain: FastifyCorsOptions = { ...allowed, preflight: false };
  const refused: FastifyCorsOptions = { origin: false };

  // A preflight ends in the plugin's hook, so that the app's own, which puts these, never sees it.
  app.addHook("onRequest", (request, reply, done) => {
    if (request.method === "OPTIONS") {
      void reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
      if (isDraining()) void reply.header("connection", "close");
    }
    done();
  });
  await app.register(cors, {
    delegator: ({ headers }, done) => {
      const { origin, "access-control-request-method": method } = headers;
      if (origin === undefined || !(isForAll || named.has(origin))) done(null, refused);
      else done(null, method === undefined ? plain : allowed);
    },
  });
}
