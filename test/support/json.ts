// oxlint-disable-next-line typescript/no-explicit-any -- what is in it is checked by the assertions on it
export type JsonValue = any;

/** The values of JSON lines, each of which ends with a line feed. */
export function parseLines(text: string): JsonValue[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}
