import type { IncomingHttpHeaders } from "node:http";
import { TepalError } from "../../kernel/errors.ts";
import type { RequestHead } from "../request-head.ts";
import type { AppParts } from "../http.ts";
import type { ApiKeys, Role, StoredKey } from "./api-keys.ts";
import { isLoopback } from "./exposure.ts";
import { isOnThisMachine } from "./this-machine.ts";

/**
 * The access to a route: "public", a role of API keys, or "any key": a request without a key, or with a known one. A key with the role
 * `admin` may use every route. "operate" requires that role; without keys, it is open on a server that only its own machine reaches.
 */
export type Access = "public" | "any key" | "operate" | Role;

/** The API key of an authorized request; null if it has none and needs none. */
export type Authorized = { readonly key: StoredKey | null } | { readonly error: TepalError };

/**
 * Creates the check of API keys: `Authorization: Bearer KEY` or `X-API-Key: KEY`. A server without keys accepts all requests but those
 * for the role `admin`. Rejections are counted by reason.
 */
export function createKeyCheck({
  metrics,
  credentials,
  options,
}: Pick<AppParts, "metrics" | "credentials" | "options">): (
  head: RequestHead,
  access: Access,
) => Authorized {
  const slots = {
    missing: metrics.apiAuthFailures.open(["missing"]),
    unknown: metrics.apiAuthFailures.open(["unknown"]),
    role: metrics.apiAuthFailures.open(["role"]),
  };
  const reject = (reason: keyof typeof slots, error: TepalError): Authorized => {
    metrics.apiAuthFailures.add(slots[reason], 1);
    return { error };
  };
  const open: Authorized = { key: null };
  // Created once: a rejection must not cost more than a prediction, and an error's stack is a tenth of it.
  const missing = new TepalError(
    "UNAUTHORIZED",
    "Expected an API key, got none. Send it in the header Authorization: Bearer KEY.",
  );
  const unknown = new TepalError(
    "UNAUTHORIZED",
    "The server does not know this API key. Check it, or create one with `tepal keys add`.",
  );
  const isLocal =
    isLoopback(options.host) && options.externalUrl === null && options.trustProxy.length === 0;

  return (head, access) => {
    if (access === "public") return open;
    const known = credentials.keys();
    const role = access === "operate" ? "admin" : access;
    if (known === null) {
      if (role !== "admin") return open;
      if (access === "operate" && isLocal && isOnThisMachine(head)) return open;
      const message =
        "This route requires an API key with the role admin, and the server has no keys. Start it with --api-keys-file.";
      return reject("role", new TepalError("FORBIDDEN", message));
    }
    const found = findKey(head.headers, known);
    if (found === "missing") return role === "any key" ? open : reject("missing", missing);
    if (found === undefined) return reject("unknown", unknown);
    if (role !== "any key" && !isAllowed(found, role)) {
      const message = `Expected an API key with the role ${role}, got one with the role ${found.role}.`;
      return reject("role", new TepalError("FORBIDDEN", message));
    }
    return { key: found };
  };
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
