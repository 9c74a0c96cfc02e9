/** Keys and indexes from a JSON value to a value inside it. */
export type Path = readonly (string | number)[];

/** Formats a path as a JSON pointer (RFC 6901): `/rows/3/age`; empty for the value itself. */
export function formatPointer(path: Path): string {
  return path.map((key) => `/${escapeToken(String(key))}`).join("");
}

/** Escapes one reference token of a JSON pointer (RFC 6901, section 3). */
export function escapeToken(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}
