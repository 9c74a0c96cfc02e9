import cors, { type FastifyCorsOptions } from "@fastify/cors";
import type { FastifyInstance } from "fastify";
import type { Admission } from "../admission.ts";
import type { AppParts } from "../http.ts";
import { setHeaders } from "../reply-headers.ts";

/** Browsers send a new preflight request after this time. */
const MAX_AGE_SECONDS = 600;

/**
 * Lets pages of the origins in `--cors-origins` use the server from a browser (CORS). Without the option no reply has CORS
 * headers, and a preflight request is rejected like every OPTIONS request.
 *
 * Cookies are never allowed: clients authenticate with an API key. A preflight request, which a browser sends without the
 * page's headers, needs no key and does not count towards the rate limit: it costs no more than its rejection would. It is
 * measured like all requests. To be called before the hooks that reject requests, so that a page can read their errors, and
 * before `rejectOtherMethods`, which must not see its route.
 */
export async function allowOrigins(
  app: FastifyInstance,
  { options }: Pick<AppParts, "options">,
  admission: Admission,
): Promise<void> {
  const named = new Set(options.corsOrigins);
  if (named.size === 0) return;
  const allowsAll = named.has("*");
  const allowed: FastifyCorsOptions = {
    origin: allowsAll ? "*" : [...named],
    methods: ["GET", "POST"],
    allowedHeaders: ["Content-Type", "Authorization", "X-API-Key", "X-Request-Id"],
    exposedHeaders: ["X-Request-Id", "Retry-After"],
    credentials: false,
    maxAge: MAX_AGE_SECONDS,
  };
  const plain: FastifyCorsOptions = { ...allowed, preflight: false };
  const rejected: FastifyCorsOptions = { origin: false };

  // A preflight request ends in the plugin's hook, before the app's hook that sets these headers.
  app.addHook("onRequest", (request, reply, done) => {
    if (request.method === "OPTIONS") {
      setHeaders(reply, admission.toCommonHeaders(request.id));
    }
    done();
  });
  await app.register(cors, {
    delegator: ({ headers }, done) => {
      const { origin, "access-control-request-method": method } = headers;
      if (origin === undefined || !(allowsAll || named.has(origin))) done(null, rejected);
      else done(null, method === undefined ? plain : allowed);
    },
  });
}
