/**
 * An address that can be asked over HTTP; undefined for any other text. A user or password with a `%` that stands for nothing is
 * none either.
 */
export function parseHttpAddress(text: string): URL | undefined {
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
 * The value of an Authorization header for the user and password of an address; undefined where it has neither.
 *
 * @throws URIError where `parseHttpAddress` gives none
 */
export function toBasicCredential({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

/** The usual cause of a URL that is not accepted, besides its scheme. */
export const HTTP_URL_ADVICE = "Write a % in a user or password as %25.";
