import type { Place } from "../shell/location.ts";
import { isChange, isEvent, type Condition, type EventCondition } from "./course/mechanics.ts";

/** Something that happened in the console. */
export type Activity =
  | { readonly type: "opened"; readonly place: Place }
  | {
      readonly type: "requested";
      /** First part of the path of the console's page. */
      readonly at: string;
      readonly method: string;
      /** Below the server's root. */
      readonly path: string;
      /** Decoded parameters, of the URL or of a form. */
      readonly query: string;
      readonly body: string;
      readonly status: number;
    }
  /** `matches` is true if the pressed control is within an element that a selector matches. */
  | { readonly type: "pressed"; readonly matches: (selector: string) => boolean };

/** The part of a step's state that is known from its begin on. */
export interface Begin {
  /** Numbers of the changes when the step began, by `toKey`. */
  readonly before: Readonly<Record<string, number>>;
  /** Indexes of the conditions whose event has happened. */
  readonly met: readonly number[];
}

/** The facts that conditions are checked against. */
export interface Facts {
  /** Current numbers of changes and queries, by `toKey`; NaN without a value. */
  readonly values: Readonly<Record<string, number>>;
  /** True if the page has an element. */
  readonly has: (selector: string) => boolean;
}

export function isDone(done: readonly Condition[], begin: Begin, facts: Facts): boolean {
  return done.every((condition, index) => {
    if (isEvent(condition)) return begin.met.includes(index);
    if (condition.type === "shown") return facts.has(condition.selector);
    const value = facts.values[toKey(condition)] ?? Number.NaN;
    if (condition.type === "queried") return value >= condition.atLeast;
    if (condition.type === "contained") return value > 0;
    const before = begin.before[toKey(condition)];
    if (before === undefined) return false;
    return condition.by === undefined ? value > before : value >= before + condition.by;
  });
}

/** Returns the indexes of the conditions that an activity meets, with those that were met before. */
export function meet(
  done: readonly Condition[],
  met: readonly number[],
  activity: Activity,
): readonly number[] {
  const fresh = done.flatMap((condition, index) =>
    !met.includes(index) && isEvent(condition) && isMet(condition, activity) ? [index] : [],
  );
  return fresh.length === 0 ? met : [...met, ...fresh];
}

function isMet(condition: EventCondition, activity: Activity): boolean {
  if (condition.type === "opened" && activity.type === "opened") {
    const { path, parameters } = activity.place;
    return (
      condition.path.every((part, index) => path[index] === part) &&
      Object.entries(condition.parameters ?? {}).every(([name, part]) =>
        parameters.getAll(name).some((value) => value.includes(part)),
      )
    );
  }
  if (condition.type === "requested" && activity.type === "requested") {
    const { at = activity.at, method = "GET", path, query = "", body = "", status } = condition;
    return (
      activity.at === at &&
      [method].flat().includes(activity.method) &&
      [path].flat().some((end) => activity.path.endsWith(end)) &&
      activity.query.includes(query) &&
      activity.body.includes(body) &&
      (status === undefined
        ? activity.status >= 200 && activity.status < 300
        : activity.status === status)
    );
  }
  if (condition.type === "pressed" && activity.type === "pressed") {
    return activity.matches(condition.selector);
  }
  return false;
}

/** Returns the numbers at the begin: unknown ones are added, and a counter that restarted counts from its new value. */
export function updateBefore(
  done: readonly Condition[],
  before: Begin["before"],
  values: Facts["values"],
): Begin["before"] {
  const changed = done.filter(isChange).flatMap((condition) => {
    const key = toKey(condition);
    const value = values[key];
    if (value === undefined) return [];
    const first = before[key];
    // Without a series, nothing has been counted yet.
    if (first === undefined) return [[key, Number.isNaN(value) ? 0 : value] as const];
    return value < first ? [[key, value] as const] : [];
  });
  return changed.length === 0 ? before : { ...before, ...Object.fromEntries(changed) };
}

/** True once the step knows every number that it compares with. */
export function hasBegun(done: readonly Condition[], { before }: Pick<Begin, "before">): boolean {
  return done.filter(isChange).every((condition) => Object.hasOwn(before, toKey(condition)));
}

/** Returns the name of a condition's number among those of a step. */
export function toKey(condition: Exclude<Condition, EventCondition | { type: "shown" }>): string {
  if ("expr" in condition) return condition.expr;
  if ("text" in condition) return `${condition.path} ${condition.text}`;
  const labels = Object.entries(condition.labels ?? {}).map(
    ([name, value]) => `${name}="${value}"`,
  );
  return `${condition.metric}{${labels.join(",")}}`;
}
