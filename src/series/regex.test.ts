import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { compileRegex } from "./regex.ts";

describe("anchored regular expressions", () => {
  it("match without an engine as with one", () => {
    const part = fc.constantFrom("a", "b", "-", "é", "😀", "\n", ".*", ".+", "|", "", ".", "a/b");
    const pattern = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(""));
    const text = fc.array(fc.constantFrom("a", "b", "-", "/", "é", "😀", "\n", "x"), {
      maxLength: 6,
    });
    let simple = 0;
    fc.assert(
      fc.property(pattern, text, (source, letters) => {
        const value = letters.join("");
        const regex = compileRegex(source);
        if (regex.cost === 0) simple++;
        expect(regex.matches(value)).toBe(RE2JS.compile(`^(?s:${source})$`).matcher(value).find());
      }),
      { numRuns: 3_000 },
    );
    expect(simple).toBeGreaterThan(500);
  });

  it.each(["api", "api|web", "api.*", ".*api", ".+api.*", ".*", ".+", ""])(
    "%j needs no engine",
    (source) => {
      expect(compileRegex(source).cost).toBe(0);
    },
  );

  it("take linear time where backtracking would take exponential time", () => {
    expect(compileRegex("(x+x+)+y").matches("x".repeat(5_000))).toBe(false);
  });

  it("have Go's syntax: inline flags, no look-around, bounded repetition", () => {
    expect(compileRegex("(?i)API").matches("api")).toBe(true);
    for (const bad of ["(?=a)", "a{1001}", "(a{100}){100}", "(", "a**", "\\C", "\\1"]) {
      expect(() => compileRegex(bad)).toThrow("error parsing regexp");
    }
  });

  it("return the groups of a match", () => {
    const match = compileRegex("(?P<first>[a-z]+)-(x)?(\\d+)").groups("ab-12");
    expect(match?.all).toEqual(["ab-12", "ab", undefined, "12"]);
    expect(match?.named).toMatchObject({ first: "ab" });
    expect(compileRegex("a").groups("b")).toBeNull();
  });
});
