import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { TepalError } from "./errors.ts";

/** Checks the host to which a request is addressed. Returns the error of a request that must be rejected. */
export type HostCheck = (
  request: Pick<IncomingMessage, "headers" | "rawHeaders" | "httpVersion" | "url">,
) => TepalError | undefined;

/**
 * Creates a check against DNS rebinding: a page whose own name leads to this server counts as the same origin for a browser, and could use
 * the server like a page of its own. Such a request has the foreign name in its Host header.
 *
 * IP addresses are always accepted: a browser that sends one has connected to that IP address. HTTP/1.0 without a Host
 * header is accepted too, since browsers always send it. Ports do not count.
 *
 * @param names accepted names, in lower case; null for any name
 * @param advice a sentence for the client's error
 */
export function createHostCheck(names: readonly string[] | null, advice: string): HostCheck {
  const accepted = new Set(names);
  /** The header of the last accepted request: most clients send the same. */
  let known: string | undefined;

  function checkName(host: string, given: string): TepalError | undefined {
    const name = parseName(host);
    if (name === undefined) {
      const message = `Header Host: Expected the name of this server, got ${quote(given)}.`;
      return new TepalError("MALFORMED_REQUEST", message);
    }
    if (names === null || accepted.has(name) || isIP(name) !== 0) return undefined;
    return new TepalError(
      "FOREIGN_REQUEST",
      `Header Host: Expected an IP address or one of: ${names.join(", ")}, got ${quote(given)}. ${advice}`,
    );
  }

  return ({ headers: { host }, rawHeaders, httpVersion, url = "" }) => {
    if (host === undefined) {
      return httpVersion === "1.1"
        ? new TepalError(
            "MALFORMED_REQUEST",
            "The request has no Host header. HTTP/1.1 requires one.",
          )
        : undefined;
    }
    if (countHosts(rawHeaders) > 1) {
      return new TepalError("MALFORMED_REQUEST", "Header Host: Expected it once, got it twice.");
    }
    if (host !== known) {
      const error = checkName(host, host);
      if (error !== undefined) return error;
      known = host;
    }
    // The host of an absolute URL takes the place of the header (RFC 9112, section 3.2.2).
    const authority = url.startsWith("/") ? undefined : /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1];
    return authority === undefined ? undefined : checkName(authority, authority);
  };
}

/** Returns the names of a server that listens on `host`: those of loopback, of this machine, and the host itself. */
export function listOwnNames(host: string): string[] {
  const machine = hostname().toLowerCase();
  const [short = machine] = machine.split(".");
  const names = ["localhost", machine, short];
  return [...new Set(isIP(host) === 0 ? [...names, host.toLowerCase()] : names)];
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === "host") count += 1;
  }
  return count;
}

/** Returns the name or IP address of a Host header in lower case; undefined if it is malformed. */
function parseName(host: string): string | undefined {
  const [, name, ip] = /^(?:([\w.-]+)|\[([\da-f:.]+)\])(?::\d{0,5})?$/i.exec(host) ?? [];
  // A name may end with the dot of the root.
  return (ip ?? name?.replace(/\.$/, ""))?.toLowerCase();
}

const MAX_SHOWN = 100;

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}
