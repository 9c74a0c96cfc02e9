import type { RawRange } from "../grafana/time-range.ts";
import { toFragment, type Place } from "../shell/location.ts";

/** Representations of a result, in the order of their control. */
export const VIEWS = [
  ["table", "Table"],
  ["graph", "Graph"],
  ["tree", "Tree"],
  ["explain", "Explain"],
] as const;
export type View = (typeof VIEWS)[number][0];

/** The state of Explore; its URL holds all of it. */
export interface ExploreState {
  readonly expressions: readonly string[];
  readonly view: View;
}

export function readExplore({ parameters }: Place): ExploreState {
  return {
    expressions: parameters.getAll("q"),
    view: VIEWS.find(([id]) => id === parameters.get("view"))?.[0] ?? "table",
  };
}

/** Returns the URL of Explore with queries. */
export function toExploreFragment(
  expressions: readonly string[],
  range: RawRange | undefined,
  view: View = "graph",
): string {
  return toFragment(
    ["explore"],
    new URLSearchParams([
      ...(range === undefined
        ? []
        : [
            ["from", range.from],
            ["to", range.to],
          ]),
      ["view", view],
      ...expressions.map((expression) => ["q", expression]),
    ]),
  );
}
