import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { ApiKeys, Role, StoredKey } from "./api-keys.ts";
import { isLoopback } from "./exposure.ts";
import { isOnThisMachine } from "./this-machine.ts";
import type { AppParts } from "../http.ts";

/**
 * The access to a route: "public", a role of API keys, or "any key": a request without a key, or with a known one. A key with the role
 * `admin` may use every route. "operate" requires that role; without keys, it is open on a server that only its own machine reaches.
 */
export type Access = "public" | "any key" | "operate" | Role;

declare module "fastify" {
  interface FastifyRequest {
    /** The API key of the request; null if the server has no keys. */
    apiKey: StoredKey | null;
  }
  interface FastifyContextConfig {
    /** The role that a request's API key needs, "public" or "any key". Default: predict. */
    access?: Access;
  }
}

/**
 * Authenticates requests by their API key: `Authorization: Bearer KEY` or `X-API-Key: KEY`. Each route has the required role
 * in its config. A server without keys accepts all requests but those for the role `admin`.
 */
export function authorizeRequests(
  app: FastifyInstance,
  { metrics, credentials, options }: Pick<AppParts, "metrics" | "credentials" | "options">,
): void {
  const slots = {
    missing: metrics.apiAuthFailures.open(["missing"]),
    unknown: metrics.apiAuthFailures.open(["unknown"]),
    role: metrics.apiAuthFailures.open(["role"]),
  };
  const reject = (reason: "missing" | "unknown" | "role", error: TepalError): TepalError => {
    metrics.apiAuthFailures.add(slots[reason], 1);
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

  const isLocal =
    isLoopback(options.host) && options.externalUrl === null && options.trustProxy.length === 0;

  function check(
    request: FastifyRequest,
    reply: FastifyReply,
    access: Role | "any key" | "operate",
  ): TepalError | undefined {
    const known = credentials.keys();
    const role = access === "operate" ? "admin" : access;
    if (known === null) {
      if (access === "operate" && isLocal && isOnThisMachine(request.raw)) return undefined;
      return role === "admin"
        ? reject(
            "role",
            new TepalError(
              "FORBIDDEN",
              "This route requires an API key with the role admin, and the server has no keys. Start it with --api-keys-file.",
            ),
          )
        : undefined;
    }
    const found = findKey(request.headers, known);
    if (found === "missing" && role === "any key") return undefined;
    if (found === "missing" || found === undefined) {
      void reply.header("www-authenticate", 'Bearer realm="tepal"');
      return found === "missing"
        ? reject(
            "missing",
            new TepalError(
              "UNAUTHORIZED",
              "Expected an API key, got none. Send it in the header Authorization: Bearer KEY.",
            ),
          )
        : reject(
            "unknown",
            new TepalError(
              "UNAUTHORIZED",
              "The server does not know this API key. Check it, or create one with `tepal keys add`.",
            ),
          );
    }
    if (role !== "any key" && !isAllowed(found, role)) {
      const message = `Expected an API key with the role ${role}, got one with the role ${found.role}.`;
      return reject("role", new TepalError("FORBIDDEN", message));
    }
    request.apiKey = found;
    return undefined;
  }
}

/** Returns true if a key may use a route that requires a role. */
export function isAllowed(key: StoredKey, role: Role): boolean {
  return key.role === role || key.role === "admin" || (key.role === "load" && role !== "admin");
}

/** Returns the stored key of a request; "missing" if it has none, undefined if its key is unknown. */
export function findKey(
  { authorization, "x-api-key": header }: IncomingHttpHeaders,
  keys: ApiKeys,
): StoredKey | undefined | "missing" {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  const key = bearer ?? (typeof header === "string" ? header : undefined);
  if (key === undefined || key === "") return "missing";
  return keys.find(key);
}
