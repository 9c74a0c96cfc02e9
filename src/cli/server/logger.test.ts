import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeControls, escapeLine } from "../../kernel/printable.ts";
import { escapeForTerminal, escapeJson } from "./logger.ts";

const CHARACTERS = [...'a\\"u01\n\t\0\u001b\u007f\u009b\u202e\u2028é'];
const TEXT = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 20 }).map((all) => all.join(""));

describe("a log line in JSON", () => {
  it("has the same value and no control characters", () => {
    fc.assert(
      fc.property(TEXT, (msg) => {
        const line = escapeJson(JSON.stringify({ msg }));
        expect(JSON.parse(line)).toEqual({ msg });
        expect(escapeLine(line)).toBe(line);
      }),
    );
  });
});

describe("a log line on a terminal", () => {
  it("shows control characters as escapes, and other characters as they are", () => {
    const line = JSON.stringify({ msg: "\u001b[2J\u009b31m\\u001b\r\n\té" });
    expect(JSON.parse(escapeForTerminal(line))).toEqual({
      msg: String.raw`\u001b[2J\u009b31m\u001b\r` + "\n\té",
    });
  });

  it("never holds a control character", () => {
    fc.assert(
      fc.property(TEXT, (msg) => {
        const shown: { msg: string } = JSON.parse(escapeForTerminal(JSON.stringify({ msg })));
        expect(escapeControls(shown.msg)).toBe(shown.msg);
      }),
    );
  });
});
