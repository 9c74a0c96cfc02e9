import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { createHostCheck } from "../../kernel/host-names.ts";
import { isSameOrigin } from "../../kernel/same-origin.ts";
import type { PageParts } from "./page.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The load page's route needs no key. */
    isPublic?: boolean;
    /** The load page's route changes something also with a safe method (GET, HEAD). */
    changesState?: boolean;
  }
}

/**
 * Rejects requests that are not allowed, in this order:
 *
 * 1. The Host header has to be one of this server's names. Otherwise a foreign page could point its own name to this server and count as
 *    the same origin (DNS rebinding).
 * 2. The request has to have the key, if there is one. Only /health needs none.
 * 3. A request that changes something has to come from the page itself or from a program. Browsers send `Sec-Fetch-Site`, or at least
 *    `Origin`; programs send neither.
 *
 * What a route needs stands in its config: the router decodes the path of a request, and no other code compares it.
 */
export function protectRequests(
  app: FastifyInstance,
  { key, hostNames }: Pick<PageParts, "key" | "hostNames">,
): void {
  const checkHost = createHostCheck(hostNames, "Set the host of the page with --web-host.");
  app.addHook("onRequest", (request, reply, done) => {
    const foreign = checkHost(request.raw);
    const current = key();
    if (foreign !== undefined) {
      done(foreign);
    } else if (current !== null && !isPublic(request) && !hasKey(request.headers, current)) {
      void reply.header("www-authenticate", 'Basic realm="Tepal load test", charset="UTF-8"');
      done(
        new TepalError(
          "UNAUTHORIZED",
          "Send the key of --web-key-file as the password, with any user name, or as Authorization: Bearer KEY.",
        ),
      );
    } else if (changesSomething(request) && !isSameOrigin(request.headers)) {
      done(
        new TepalError(
          "FOREIGN_REQUEST",
          "Only the page itself or a program may send this request, not a page of another origin.",
        ),
      );
    } else done();
  });
}

function isPublic({ routeOptions: { config } }: FastifyRequest): boolean {
  return config.isPublic === true;
}

function changesSomething({ method, routeOptions: { config } }: FastifyRequest): boolean {
  const isSafe = method === "GET" || method === "HEAD" || method === "OPTIONS";
  return !isSafe || config.changesState === true;
}

/** Compares the keys in constant time. */
function hasKey({ authorization = "" }: IncomingHttpHeaders, key: string): boolean {
  const [, scheme = "", credentials = ""] = /^(Basic|Bearer) +(\S+) *$/i.exec(authorization) ?? [];
  const given =
    scheme.toLowerCase() === "basic"
      ? Buffer.from(credentials, "base64")
          .toString("utf8")
          .replace(/^[^:]*:/, "")
      : credentials;
  return timingSafeEqual(toDigest(given), toDigest(key));
}

function toDigest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
