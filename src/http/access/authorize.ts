import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { ApiKeys, Role, StoredKey } from "./api-keys.ts";
import type { AppParts } from "../http.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The key that the request came with; null when the server has none. */
    apiKey: StoredKey | null;
  }
  interface FastifyContextConfig {
    /** Who may ask: anybody, or a key with this role (or admin). Default: predict. */
    access?: "public" | Role;
  }
}

/**
 * Lets requests in by their key: `Authorization: Bearer KEY` or `X-API-Key: KEY`. Each route says in its config who may ask
 * it. Without keys, everybody may do everything but administer.
 */
export function authorizeRequests(
  app: FastifyInstance,
  { metrics, credentials, options }: Pick<AppParts, "metrics" | "credentials" | "options">,
): void {
  const slots = new Map(
    ["missing", "unknown", "role"].map((reason) => [
      reason,
      metrics.apiAuthFailures.open([reason]),
    ]),
  );
  const refuse = (reason: string, error: TepalError): TepalError => {
    const slot = slots.get(reason);
    if (slot !== undefined) metrics.apiAuthFailures.add(slot, 1);
    return error;
  };

  app.decorateRequest("apiKey", null);
  app.addHook("onRoute", (route) => {
    const isOpen = options.openDocs && /^\/(?:docs|openapi\.json)(?:\/|$)/.test(route.url);
    const access = route.config?.access ?? "predict";
    if (isOpen || access === "public") return;
    const own = route.onRequest ?? [];
    route.onRequest = [
      ...(Array.isArray(own) ? own : [own]),
      (request, reply, done) => done(check(request, reply, access)),
    ];
  });

  function check(request: FastifyRequest, reply: FastifyReply, role: Role): TepalError | undefined {
    const known = credentials.keys();
    if (known === null) {
      return role === "admin"
        ? refuse(
            "role",
            new TepalError("FORBIDDEN", "Administration needs keys: start with --api-keys-file"),
          )
        : undefined;
    }
    const found = findKey(request.headers, known);
    if (found === "missing" || found === undefined) {
      void reply.header("www-authenticate", 'Bearer realm="tepal"');
      return found === "missing"
        ? refuse(
            "missing",
            new TepalError("UNAUTHORIZED", "Send a key, in the header Authorization: Bearer KEY"),
          )
        : refuse("unknown", new TepalError("UNAUTHORIZED", "The server does not know this key"));
    }
    if (!isAllowed(found, role)) {
      const message = `This address needs a key with the role ${role}; this one has ${found.role}`;
      return refuse("role", new TepalError("FORBIDDEN", message));
    }
    request.apiKey = found;
    return undefined;
  }
}

/** Whether a key may do what asks for a role. */
export function isAllowed(key: StoredKey, role: Role): boolean {
  return key.role === role || key.role === "admin" || (key.role === "load" && role !== "admin");
}

/** The key that a request comes with: "missing" when there is none, undefined when it is not known. */
export function findKey(
  { authorization, "x-api-key": header }: IncomingHttpHeaders,
  keys: ApiKeys,
): StoredKey | undefined | "missing" {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  const key = bearer ?? (typeof header === "string" ? header : undefined);
  if (key === undefined || key === "") return "missing";
  return keys.find(key);
}
