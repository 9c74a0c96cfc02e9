import type { IncomingHttpHeaders } from "node:http";

/**
 * Returns false for a request that a page of another origin sent. Browsers send `Sec-Fetch-Site`, or at least `Origin` with a POST;
 * programs send neither.
 *
 * @param origins further origins whose pages may send requests, for example https://shop.example
 */
export function isSameOrigin(
  { origin, host, "sec-fetch-site": site }: IncomingHttpHeaders,
  origins: ReadonlySet<string> = new Set(),
): boolean {
  if (origin !== undefined && origins.has(origin)) return true;
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  // The scheme does not count, since a reverse proxy may terminate TLS.
  return origin === undefined || URL.parse(origin)?.host === host;
}
