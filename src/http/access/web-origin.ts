import { describeMismatch } from "../../kernel/check.ts";

/**
 * Finds the problem of a string that is not an origin as browsers send it (RFC 6454: scheme, host, and a port unless it is the
 * default of the scheme). Returns undefined for an origin, and for `*`, which stands for every origin.
 */
export function findOriginProblem(text: string): string | undefined {
  if (text === "*") return undefined;
  if (text.includes("*")) {
    const advice = "List each origin, or use * for all origins.";
    return describeMismatch("an origin without wildcards", text, advice);
  }
  const origin = toWebOrigin(text);
  if (origin === text) return undefined;
  const suggested = origin ?? (BARE_HOST.test(text) ? toWebOrigin(`https://${text}`) : undefined);
  const advice = suggested === undefined ? undefined : `Write ${suggested}.`;
  return describeMismatch("an origin, for example https://shop.example", text, advice);
}

const BARE_HOST = /^[\w-]+(?:\.[\w-]+)+(?::\d+)?$/;

function toWebOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.origin : undefined;
}
