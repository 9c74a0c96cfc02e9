// oxlint-disable-next-line typescript/no-explicit-any -- assertions check the content
export type JsonValue = any;

/** Parses JSON lines, each of which ends with a line feed. */
export function parseLines(text: string): JsonValue[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}
