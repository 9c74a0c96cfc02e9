/** An error in an expression, at a line and a column from 1 on. */
export interface Mark {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Reads the position of a parse error in a message of Prometheus; undefined without one. */
export function parseMark(message: string): Mark | undefined {
  const [, line, column, text] = /(\d+):(\d+): parse error: ([^]*)$/.exec(message) ?? [];
  if (text === undefined) return undefined;
  return { line: Number(line), column: Number(column), message: text };
}

/** Returns the range to mark: the word at the position, or the last character if the expression ends there. */
export function toRange(
  { line, column }: Mark,
  text: string,
): { readonly from: number; readonly to: number } {
  const lines = text.split("\n").slice(0, line - 1);
  const before = lines.reduce((sum, one) => sum + one.length + 1, 0);
  const from = Math.min(before + column - 1, text.length);
  const [word = ""] = /^(?:[\w:.]+|[^])/.exec(text.slice(from)) ?? [];
  return word === "" ? { from: Math.max(0, from - 1), to: from } : { from, to: from + word.length };
}
