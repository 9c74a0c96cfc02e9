import type { Transformation } from "../dashboard.ts";
import type { Frame } from "../frames.ts";
import { calculateField } from "./calculate-field.ts";
import { filterByRefId, filterByValue, filterFieldsByName, toRefIdTest } from "./filter.ts";
import { groupBy, groupingToMatrix, partitionByValues } from "./group-by.ts";
import { histogram } from "./histogram.ts";
import { joinByField, joinByLabels } from "./join.ts";
import { concatenate, merge } from "./merge.ts";
import { organize, renameByRegex } from "./organize.ts";
import type { Transform } from "./parts.ts";
import { reduce } from "./reduce.ts";
import { limit, sortBy } from "./rows.ts";
import {
  convertFieldType,
  labelsToFields,
  prepareTimeSeries,
  seriesToRows,
  timeSeriesTable,
} from "./series.ts";

/** The transformations that are applied, by Grafana's name. */
export const TRANSFORMS: Readonly<Record<string, Transform>> = {
  organize,
  merge,
  joinByField,
  // The name before Grafana 9.
  seriesToColumns: joinByField,
  renameByRegex,
  groupBy,
  filterFieldsByName,
  filterByRefId,
  filterByValue,
  calculateField,
  reduce,
  labelsToFields,
  sortBy,
  seriesToRows,
  limit,
  concatenate,
  prepareTimeSeries,
  convertFieldType,
  timeSeriesTable,
  joinByLabels,
  groupingToMatrix,
  partitionByValues,
  histogram,
};

/** Applies transformations in their order. Returns the ids of those that are not known, too. */
export function transform(
  frames: readonly Frame[],
  transformations: readonly Transformation[],
): { readonly frames: readonly Frame[]; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  let current = frames;
  for (const { id, options, refIds } of transformations) {
    const apply = TRANSFORMS[id];
    if (apply === undefined) unknown.push(id);
    else {
      const isFor = toRefIdTest(refIds);
      const given = isFor === undefined ? current : current.filter(({ refId }) => isFor(refId));
      const others = isFor === undefined ? [] : current.filter(({ refId }) => !isFor(refId));
      current = [...others, ...apply(given, options)];
    }
  }
  return { frames: current, unknown };
}
