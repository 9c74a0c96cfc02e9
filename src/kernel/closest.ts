const MAX_EDITS = 3;

/** Returns the candidate with the fewest single-letter edits; undefined if each needs more than three, or more than half of the word. Ignores case. */
export function findClosest(word: string, candidates: readonly string[]): string | undefined {
  return listClosest(word, candidates, 1)[0];
}

/** Returns at most `count` candidates as `findClosest`, the closest first, and of equally close ones the first. */
export function listClosest(word: string, candidates: readonly string[], count: number): string[] {
  const most = Math.min(MAX_EDITS, Math.floor(word.length / 2));
  const wanted = word.toLowerCase();
  return candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= most)
    .map((candidate) => ({ candidate, edits: countEdits(wanted, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
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
