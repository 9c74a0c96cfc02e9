import { describe, expect, it } from "vitest";
import { formatMatcher, formatRest, parseMatcher, readForm, toForm } from "./silence-form.ts";

describe("the form of a silence", () => {
  it.each([
    ['alertname="Down"', { name: "alertname", value: "Down", isRegex: false, isEqual: true }],
    [' team != "a \\"b\\"" ,', { name: "team", value: 'a "b"', isRegex: false, isEqual: false }],
    ["route=~/predict.*", { name: "route", value: "/predict.*", isRegex: true, isEqual: true }],
    ['zone!~"a|b"', { name: "zone", value: "a|b", isRegex: true, isEqual: false }],
    ["up", undefined],
    ['a="b', undefined],
    ['a="\\q"', undefined],
    ["1a=b", undefined],
  ])("reads the matcher %s", (line, matcher) => {
    expect(parseMatcher(line)).toEqual(matcher);
    if (matcher !== undefined) expect(parseMatcher(formatMatcher(matcher))).toEqual(matcher);
  });

  it("makes the body of a request for the labels of an alert", () => {
    const form = { ...toForm({ alertname: "Down", path: 'a\\"b' }, " ann "), comment: " Work " };
    expect(readForm({ ...form, duration: "1h30m" }, 0)).toEqual({
      body: {
        matchers: [
          { name: "alertname", value: "Down", isRegex: false, isEqual: true },
          { name: "path", value: 'a\\"b', isRegex: false, isEqual: true },
        ],
        startsAt: "1970-01-01T00:00:00.000Z",
        endsAt: "1970-01-01T01:30:00.000Z",
        createdBy: "ann",
        comment: "Work",
      },
    });
  });

  it("states the problem of each field", () => {
    const problems = { duration: expect.stringContaining("30m"), comment: expect.any(String) };
    const form = { createdBy: "", comment: " ", duration: "soon" };
    expect(readForm({ ...form, matchers: "a=b\nnothing" }, 0)).toEqual({
      problems: { ...problems, matchers: expect.stringContaining("got nothing.") },
    });
    expect(readForm({ ...form, matchers: "\n", duration: "0" }, 0)).toEqual({
      problems: { ...problems, matchers: expect.stringContaining("at least one matcher") },
    });
  });
});

it("formats the rest of a silence", () => {
  expect(formatRest("1970-01-01T01:29:30.500Z", 0)).toBe("1h30m");
  expect(formatRest("1970-01-01T00:01:00.500Z", 0)).toBe("1m1s");
  expect(formatRest("1970-01-01T00:00:00Z", 5_000)).toBe("0s");
});
