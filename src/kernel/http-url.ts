/** Parses an HTTP URL; undefined for any other string, also for a malformed escape in its user or password. */
export function parseHttpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  try {
    toBasicCredential(url);
  } catch {
    return undefined;
  }
  return url;
}

/**
 * Returns the Authorization header for the user and password of a URL; undefined without them.
 *
 * @throws URIError if `parseHttpUrl` rejects the URL
 */
export function toBasicCredential({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

/**
 * Formats a URL for people, logs and labels: without user and password, and with the values of its query replaced, because a token may
 * be among them.
 */
export function redactUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  shown.hash = "";
  const names = [...new Set(url.searchParams.keys())];
  shown.search = names.map((name) => `${encodeURIComponent(name)}=${REDACTED}`).join("&");
  return shown.href;
}

/** As Go writes passwords of URLs. */
const REDACTED = "xxxxx";

/** Advice for the usual reason of a rejected URL, besides its scheme. */
export const HTTP_URL_ADVICE = "Write a % in a user or password as %25.";
