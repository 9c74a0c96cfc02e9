/** The name before the caret, and where it begins. */
export interface Word {
  readonly start: number;
  readonly text: string;
}

/** Returns the name that ends at the caret; undefined inside a string or a label matcher. */
export function findWord(expression: string, caret: number): Word | undefined {
  const before = expression.slice(0, caret);
  const quotes = before.match(/["'`]/g)?.length ?? 0;
  const braces = (before.match(/\{/g)?.length ?? 0) - (before.match(/\}/g)?.length ?? 0);
  if (quotes % 2 === 1 || braces > 0) return undefined;
  const text = /[a-zA-Z_:][\w:]*$/.exec(before)?.[0] ?? "";
  return text === "" ? undefined : { start: caret - text.length, text };
}

/** Returns the names that fit: those that begin with the word first, then those that contain it. */
export function complete(names: readonly string[], word: string, limit: number): readonly string[] {
  const wanted = word.toLowerCase();
  const rank = (name: string): number => {
    const at = name.toLowerCase().indexOf(wanted);
    return at < 0 ? 2 : at === 0 ? 0 : 1;
  };
  return names
    .filter((name) => name !== word && rank(name) < 2)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, limit);
}
