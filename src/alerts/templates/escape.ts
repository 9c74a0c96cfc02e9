/** Escapes a query parameter of a URL as Go does. */
export function escapeQuery(value: string): string {
  return encodeURIComponent(value)
    .replaceAll("%20", "+")
    .replaceAll(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&#34;",
  "'": "&#39;",
  "\u0000": "\ufffd",
};

/** Escapes HTML as Go does. */
export function escapeHtml(value: string): string {
  return value.replaceAll(/[<>&"'\0]/g, (character) => ENTITIES[character] ?? character);
}
