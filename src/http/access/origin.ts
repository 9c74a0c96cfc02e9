/**
 * What keeps a text from being an origin as browsers send it (RFC 6454: scheme, host, and a port that is not the scheme's
 * own); undefined when nothing does. `*`, which stands for every origin, is none of its faults.
 */
export function findOriginFault(text: string): string | undefined {
  if (text === "*") return undefined;
  if (text.includes("*")) {
    return "an origin has no wildcards; name each, such as https://shop.example, or * alone for all";
  }
  const origin = toWebOrigin(text);
  if (origin === text) return undefined;
  if (origin !== undefined) return `write ${origin}, as browsers do: scheme, host and port alone`;
  const guess = toWebOrigin(`https://${text}`);
  const advice = guess === undefined ? "such as https://shop.example" : `such as ${guess}`;
  return `an origin begins with http:// or https://, ${advice}`;
}

function toWebOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.origin : undefined;
}
