/** A replacement of a part of a page. */
export interface Edit {
  /** Line of the block or value. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits to a page. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (before, { start, end, text: now }) => before.slice(0, start) + now + before.slice(end),
      text,
    );
}
