import { TepalError } from "../../kernel/errors.ts";
import { createHostCheck, listOwnNames, type HostCheck } from "../../kernel/host-names.ts";
import type { RequestHead } from "../request-head.ts";
import type { HttpOptions } from "../options.ts";

const ADVICE = "Add the name with --allowed-hosts.";

/**
 * Creates the check of the Host header on every route (`--allowed-hosts`). The names of this machine and of `--external-url` are accepted
 * too.
 */
export function createServerHostCheck({
  host,
  allowedHosts,
  externalUrl,
}: Pick<HttpOptions, "host" | "allowedHosts" | "externalUrl">): HostCheck {
  if (allowedHosts.includes("*")) return createHostCheck(null, ADVICE);
  const external = externalUrl === null ? [] : [new URL(externalUrl).hostname];
  const names = [...listOwnNames(host), ...external, ...allowedHosts];
  return createHostCheck([...new Set(names.map((name) => name.toLowerCase()))], ADVICE);
}

/** Returns the error of a request whose first line or body framing Node accepts, but HTTP/1.1 (RFC 9112) does not. */
export function checkFraming({
  method,
  url,
  httpVersion,
  headers,
}: RequestHead): TepalError | undefined {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") {
    return new TepalError(
      "VERSION_UNSUPPORTED",
      `Expected HTTP/1.1 or HTTP/1.0, got HTTP/${httpVersion}.`,
    );
  }
  if (url === "*" && method !== "OPTIONS") {
    return new TepalError("MALFORMED_REQUEST", `Expected a path, got * with ${method}.`);
  }
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return undefined;
  if (httpVersion === "1.0") {
    return new TepalError(
      "MALFORMED_REQUEST",
      "Header Transfer-Encoding: HTTP/1.0 does not have it. Send a Content-Length.",
    );
  }
  if (coding.trim().toLowerCase() === "chunked") return undefined;
  return new TepalError(
    "NOT_IMPLEMENTED",
    `Header Transfer-Encoding: Expected chunked, got ${JSON.stringify(coding.slice(0, 50))}. Compress with Content-Encoding.`,
  );
}
