import { describe, expect, it } from "vitest";
import { escapeControls, escapeLine } from "./printable.ts";

describe("escapeControls", () => {
  it.each([
    ["\u001b[2J", String.raw`\x1b[2J`],
    ["\u009b31m", String.raw`\x9b31m`],
    ["a\rb\0\u007f", String.raw`a\rb\x00\x7f`],
    ["\u202egpj.exe\u2066", String.raw`\u202egpj.exe\u2066`],
    ["a\u2028b", String.raw`a\u2028b`],
  ])("writes the controls in %j as escapes", (text, shown) => {
    expect(escapeControls(text)).toBe(shown);
    expect(escapeLine(text)).toBe(shown);
  });

  it("leaves all other characters", () => {
    const text = "é – R² 山 👍 \u00a0 \\x1b";
    expect(escapeControls(`${text}\n\t`)).toBe(`${text}\n\t`);
    expect(escapeLine(`${text}\n\t`)).toBe(String.raw`${text}\n\t`);
  });
});
