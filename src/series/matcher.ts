import { compileRegex } from "./regex.ts";
import type { Labels, Matcher, MatcherType } from "./series.ts";

/** @throws Error that says what is wrong with a regular expression */
export function createMatcher(name: string, type: MatcherType, value: string): Matcher {
  return { name, type, value, matches: toTest(type, value) };
}

function toTest(type: MatcherType, value: string): (text: string) => boolean {
  switch (type) {
    case "=":
      return (text) => text === value;
    case "!=":
      return (text) => text !== value;
    case "=~":
      return compileRegex(value).matches;
    case "!~": {
      const { matches } = compileRegex(value);
      return (text) => !matches(text);
    }
  }
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name) ?? ""));
}
