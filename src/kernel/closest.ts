const MAX_EDITS = 3;

/** Returns the candidate with the fewest single-letter edits; undefined if each needs more than three, or more than half of the word. Ignores case. */
export function findClosest(word: string, candidates: readonly string[]): string | undefined {
  let closest: string | undefined;
  let fewest = Math.min(MAX_EDITS, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    const edits = countEdits(word.toLowerCase(), candidate.toLowerCase());
    if (edits >= fewest) continue;
    closest = candidate;
    fewest = edits;
  }
  return closest;
}

/** Levenshtein distance. */
function countEdits(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}
