import type { Place } from "../shell/location.ts";
import type { Condition, Step } from "./tour.ts";

/** The facts that conditions are checked against. */
export interface Facts {
  readonly place: Place;
  /** True if the page has an element. */
  readonly has: (selector: string) => boolean;
  /** Values of the queries of a step; undefined without a value. */
  readonly values: ReadonlyMap<string, number | undefined>;
  /** Values of these queries when the step began. */
  readonly before: Readonly<Record<string, number>>;
  /** Number of alert rules of the server. */
  readonly rules: number;
}

export function isDone({ done }: Step, facts: Facts): boolean {
  return done.every((condition) => holds(condition, facts));
}

function holds(condition: Condition, { place, has, values, before, rules }: Facts): boolean {
  switch (condition.type) {
    case "at": {
      const { path, length = path.length, parameter } = condition;
      return (
        path.every((part, index) => place.path[index] === part) &&
        place.path.length >= length &&
        (parameter === undefined ||
          place.parameters
            .getAll(parameter.name)
            .some((value) => value.includes(parameter.contains)))
      );
    }
    case "shows":
      return has(condition.selector);
    case "query":
      return (values.get(condition.expr) ?? Number.NaN) >= condition.atLeast;
    case "increased": {
      const first = before[condition.expr];
      return first !== undefined && (values.get(condition.expr) ?? 0) > first;
    }
    case "rules":
      return rules > 0;
  }
}

/** Returns the queries that a step needs. */
export function listQueries({ done }: Step): readonly string[] {
  return done.flatMap((condition) => ("expr" in condition ? [condition.expr] : []));
}
