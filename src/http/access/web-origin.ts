/**
 * Finds the problem of a string that is not an origin as browsers send it (RFC 6454: scheme, host, and a port unless it is the
 * default of the scheme). Returns undefined for an origin, and for `*`, which stands for every origin.
 */
export function findOriginProblem(text: string): string | undefined {
  if (text === "*") return undefined;
  if (text.includes("*")) {
    return "Expected an origin without wildcards, for example https://shop.example, or * for all origins.";
  }
  const origin = toWebOrigin(text);
  if (origin === text) return undefined;
  if (origin !== undefined) {
    return `Expected scheme, host and port alone, as browsers send them: ${origin}.`;
  }
  const example = toWebOrigin(`https://${text}`) ?? "https://shop.example";
  return `Expected an origin that starts with http:// or https://, for example ${example}.`;
}

function toWebOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.origin : undefined;
}
