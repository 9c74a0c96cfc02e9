import { listClosest } from "../../kernel/closest.ts";
import type { UnseenValue } from "../../tabular/decode-row.ts";
import type { Feature } from "../../tabular/tabular.ts";
import type { RowWarnings } from "../serving.ts";
import { toCategoryWarning } from "../warnings.ts";

/** Reports the unknown categories of rows as warnings. */
export interface UnseenReporter {
  /** Begins a group of rows. */
  begin(): void;
  report(unseen: readonly UnseenValue[], row: number, warnings: RowWarnings): void;
}

/** Words and categories that are compared: a comparison takes the product of two lengths, and clients choose the values. */
const MAX_LENGTH = 40;
const MAX_COMPARED = 200;
/** Values of a group that are compared with the categories; further ones have a warning without the nearest. */
const MAX_SEARCHES = 50;
const MAX_NEAREST = 3;

export function createUnseenReporter(): UnseenReporter {
  let searches = 0;

  function findNearest({ categories = [] }: Feature, value: string | number): string[] {
    if (typeof value === "number" || value.length > MAX_LENGTH || searches === MAX_SEARCHES)
      return [];
    searches += 1;
    const candidates = categories
      .slice(0, MAX_COMPARED)
      .flatMap((each) => (typeof each.value === "string" ? [each.value] : []));
    return listClosest(value, candidates, MAX_NEAREST);
  }

  return {
    begin() {
      searches = 0;
    },
    report(unseen, row, warnings) {
      for (const { feature, value } of unseen) {
        warnings.add(row, toCategoryWarning(feature, value, findNearest(feature, value)));
      }
    },
  };
}
