import { compileRegex } from "./regex.ts";
import type { Labels, Matcher, MatcherType } from "./series.ts";

/** @throws Error that describes the problem of a regular expression */
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
