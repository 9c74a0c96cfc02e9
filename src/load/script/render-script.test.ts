import { describe, expect, it } from "vitest";
import { renderScript, type ScriptFeature } from "./render-script.ts";

const toFeature = (
  name: string,
  type: string,
  min: number | null,
  max: number | null,
): ScriptFeature => ({ name, type, min, max });

describe("the script for a model", () => {
  it("moves numbers by a hundredth of their range, and no other value", () => {
    const script = renderScript({
      name: "shop",
      features: [
        toFeature("size", "number", 1, 6.9),
        toFeature("rooms", "integer", 1, 9),
        toFeature("garden", "boolean", 0, 1),
        toFeature("town", "category", null, null),
        toFeature("age", "number", null, null),
      ],
      rows: [[2.5, 3, true, "Bern", null]],
    });
    expect(script).toContain("const NOISE = [0.059,0,0,0,0];");
    expect(script).toContain('  [2.5,3,true,"Bern",null],');
  });

  it("quotes names", () => {
    const script = renderScript({
      name: "a b",
      features: [toFeature('a "b" `c` ${d}', "number", null, null)],
      rows: [[1]],
    });
    expect(script).toContain('const MODEL = "/models/a%20b";');
    expect(script).toContain('const FEATURES = ["a \\"b\\" `c` ${d}"];');
  });
});
