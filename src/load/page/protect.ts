import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { PageParts } from "./page.ts";

/**
 * Who may ask, in this order:
 *
 * 1. The request is meant for this server: its Host is one of our names. Otherwise a page elsewhere could have its own name lead
 *    here and would count as ours (DNS rebinding).
 * 2. It comes with the key, where there is one. Only /health does without.
 * 3. What changes something comes from our own page, or from no page at all. Browsers say so in `Sec-Fetch-Site`, or at least in
 *    `Origin`; scripts send neither.
 */
export function protectRequests(
  app: FastifyInstance,
  { key, hostNames, allowGetStop }: Pick<PageParts, "key" | "hostNames" | "allowGetStop">,
): void {
  const digest = key === null ? null : toDigest(key);
  app.addHook("onRequest", (request, reply, done) => {
    if (request.raw.headers.host === undefined && request.raw.httpVersion === "1.1") {
      done(new TepalError("MALFORMED_REQUEST", "The request has no Host header"));
    } else if (!isForUs(request.headers.host, hostNames)) {
      done(
        new TepalError(
          "FOREIGN_REQUEST",
          `This page has the names ${hostNames?.join(", ")} only, not "${request.headers.host}"; --web-host says where it listens`,
        ),
      );
    } else if (digest !== null && !hasKey(request.headers, digest) && request.url !== "/health") {
      void reply.header("www-authenticate", 'Basic realm="Tepal load test", charset="UTF-8"');
      done(
        new TepalError(
          "UNAUTHORIZED",
          "Send the key of --web-key-file: as the password, with any user name, or in the header Authorization: Bearer KEY",
        ),
      );
    } else if (changesSomething(request, allowGetStop) && !isFromUs(request.headers)) {
      done(
        new TepalError(
          "FOREIGN_REQUEST",
          "Only the page itself, or a program that is no browser, may do that; this came from a page elsewhere",
        ),
      );
    } else done();
  });
}

function changesSomething({ method, url }: FastifyRequest, allowGetStop: boolean): boolean {
  if (method !== "GET" && method !== "HEAD" && method !== "OPTIONS") return true;
  return allowGetStop && /^\/(?:stop|stats\/reset)\/?(?:\?|$)/.test(url);
}

function isForUs(host: string | undefined, names: PageParts["hostNames"]): boolean {
  if (names === null) return true;
  const name = URL.parse(`http://${host ?? ""}`)?.hostname;
  return name !== undefined && names.includes(name);
}

function isFromUs(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  if (headers.origin === undefined) return true;
  // A proxy in front may speak HTTPS, of which nothing is known here: so the scheme is left out.
  return URL.parse(headers.origin)?.host === headers.host;
}

/** In a time that does not depend on how much of the key is right. */
function hasKey({ authorization = "" }: IncomingHttpHeaders, digest: Buffer): boolean {
  const [, scheme = "", credentials = ""] = /^(Basic|Bearer) +(\S+) *$/i.exec(authorization) ?? [];
  const given =
    scheme.toLowerCase() === "basic"
      ? Buffer.from(credentials, "base64")
          .toString("utf8")
          .replace(/^[^:]*:/, "")
      : credentials;
  return timingSafeEqual(toDigest(given), digest);
}

function toDigest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
