/** Something that the search finds. */
export interface Entry {
  readonly group: Group;
  readonly title: string;
  /** Its place or content; searched too. */
  readonly detail: string;
  readonly href: string;
}

/** In the order in which equally good matches are listed. */
export const GROUPS = [
  "Pages",
  "Dashboards",
  "Panels",
  "Metrics",
  "Features",
  "Course",
  "Docs",
] as const;
export type Group = (typeof GROUPS)[number];

/** Matches of one group, best first. */
export interface Matches {
  readonly group: Group;
  readonly entries: readonly Entry[];
  /** Number of matches that are not listed. */
  readonly more: number;
}

/** Matches that are listed of each group. */
const LISTED = 8;

/**
 * Finds entries that have every word of a query, in any order; groups with the best match come first. Without a query, it returns pages
 * and dashboards.
 */
export function findEntries(entries: readonly Entry[], query: string): readonly Matches[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = entries
    .map((entry) => ({ entry, score: scoreEntry(entry, words) }))
    .filter(({ entry, score }) =>
      words.length === 0 ? entry.group === "Pages" || entry.group === "Dashboards" : score > 0,
    )
    .toSorted((a, b) => b.score - a.score || a.entry.title.length - b.entry.title.length);
  const groups = GROUPS.map((group) => scored.filter(({ entry }) => entry.group === group));
  return groups
    .filter((matches) => matches.length > 0)
    .toSorted((a, b) => b[0]!.score - a[0]!.score)
    .map((matches) => ({
      group: matches[0]!.entry.group,
      entries: matches.slice(0, LISTED).map(({ entry }) => entry),
      more: Math.max(0, matches.length - LISTED),
    }));
}

/** Returns 0 if a word is missing. A word at the start of a title counts most, then one at the start of a word. */
function scoreEntry({ title, detail }: Entry, words: readonly string[]): number {
  let total = 0;
  for (const word of words) {
    const score =
      scoreWord(title.toLowerCase(), word, 2) || scoreWord(detail.toLowerCase(), word, 0);
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

function scoreWord(text: string, word: string, bonus: number): number {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (text === word) return 6 + bonus;
  if (at === 0) return 4 + bonus;
  return (startsWord(text, word) ? 2 : 1) + bonus;
}

function startsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[a-z0-9]/.test(text[at - 1]!)) return true;
  }
  return false;
}
