import { hostname } from "node:os";
import type { HttpOptions } from "../options.ts";

/**
 * Returns the URL under which other machines reach the server, without a trailing slash: `--external-url`, or the URL on which it listens.
 * A wildcard host (all interfaces) becomes the name of this machine, because other machines cannot open a URL of loopback.
 *
 * @param boundUrl the URL that `listen` returned
 */
export function toPublicUrl(
  { externalUrl, host }: Pick<HttpOptions, "externalUrl" | "host">,
  boundUrl: string,
): string {
  if (externalUrl !== null) return externalUrl;
  if (host !== "0.0.0.0" && host !== "::") return boundUrl;
  const url = new URL(boundUrl);
  url.hostname = hostname();
  return url.href.replace(/\/$/, "");
}
