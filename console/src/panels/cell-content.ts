/** Returns JSON with an indentation of two, as Grafana's JSON cells show it; other strings stay. */
export function formatJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * Returns the URL of an image that the console may show: of its own server, or in the text itself (`data:image/…`). The
 * Content-Security-Policy blocks other hosts; undefined for those.
 */
export function toImageUrl(text: string, pageUrl: string): string | undefined {
  if (/^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(text)) return text;
  const url = URL.parse(text, pageUrl);
  return url !== null && url.origin === new URL(pageUrl).origin ? url.href : undefined;
}
