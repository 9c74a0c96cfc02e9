import type { Feature, Rows } from "../../tabular/tabular.ts";
import type { Levels } from "../encoding.ts";

/** Levels of a feature, besides those of rare and of unknown categories. */
const MAX_LEVELS = 20;
/** Columns of all categories together; a row costs width²/2 multiplications. */
const MAX_COLUMNS = 256;
/** A level needs more rows than the score has neighbors: otherwise all its rows are far from others. */
const LEAST_ROWS = 6;

/**
 * Groups the categories of each feature into levels: the frequent ones have a level each, the others share one. Level 0 is the most
 * frequent category.
 */
export function fitLevels(rows: Rows, features: readonly Feature[]): Levels[] {
  const categories = features.filter((feature) => feature.categories !== undefined).length;
  const limit = Math.max(1, Math.min(MAX_LEVELS, Math.floor(MAX_COLUMNS / categories) - 2));
  return features.map(({ categories: known }, index) => {
    if (known === undefined) return null;
    const counts = Array.from({ length: known.length }, () => 0);
    for (let at = index; at < rows.values.length; at += rows.width) {
      const code = rows.values[at]!;
      if (code < known.length) counts[code]! += 1;
    }
    const frequent = [...counts.keys()].toSorted((a, b) => counts[b]! - counts[a]! || a - b);
    const own = frequent.filter(
      (code, rank) => rank === 0 || (rank < limit && counts[code]! >= LEAST_ROWS),
    );
    const levels = counts.map((_, code) => {
      const level = own.indexOf(code);
      return level < 0 ? own.length : level;
    });
    const unknown = own.length + (own.length < known.length ? 1 : 0);
    // A feature without categories has the level of unknown ones alone, which then is not level 0.
    return [...levels, Math.max(1, unknown)];
  });
}
