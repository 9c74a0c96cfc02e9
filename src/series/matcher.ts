import { compileRegex } from "./regex.ts";
import type { Labels, Matcher, MatcherType } from "./series.ts";

/**
 * Creates a matcher of one label. Regular expressions have RE2's syntax and match the whole value; a missing label is "".
 *
 * @throws Error that describes the problem of a regular expression
 * @example
 * ```ts
 * import { createMatcher } from "tepal/promql";
 *
 * const { matches } = createMatcher("job", "=~", "api|web");
 * console.log(matches("api"), matches("api-2")); // true false
 * ```
 */
export function createMatcher(name: string, type: MatcherType, value: string): Matcher {
  return { name, type, value, ...toTest(type, value) };
}

function toTest(type: MatcherType, value: string): Pick<Matcher, "cost" | "matches"> {
  switch (type) {
    case "=":
      return { cost: 0, matches: (text) => text === value };
    case "!=":
      return { cost: 0, matches: (text) => text !== value };
    case "=~":
      return compileRegex(value);
    case "!~": {
      const { cost, matches } = compileRegex(value);
      return { cost, matches: (text) => !matches(text) };
    }
  }
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name) ?? ""));
}
