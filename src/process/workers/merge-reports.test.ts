import { describe, expect, it } from "vitest";
import { mergeReports } from "./merge-reports.ts";

describe("the reload reports of several workers", () => {
  it("are merged: each version once, and as failed if one worker could not load it", () => {
    const iris = { name: "iris", version: 2 };
    const plane = { name: "plane", version: 1 };
    const failed = { ...plane, reason: "no memory" };
    expect(
      mergeReports([
        { loaded: [iris, plane], failed: [], removed: [], problems: [] },
        {
          loaded: [iris],
          failed: [failed],
          removed: [{ name: "old", version: 1 }],
          problems: [{ part: "models", message: "Invalid default.json" }],
        },
        {
          loaded: [],
          failed: [{ ...plane, reason: "also" }],
          removed: [],
          problems: [
            { part: "models", message: "Invalid default.json" },
            { part: "keys", message: "Invalid default.json" },
          ],
        },
      ]),
    ).toEqual({
      loaded: [iris],
      failed: [failed],
      removed: [{ name: "old", version: 1 }],
      problems: [
        { part: "models", message: "Invalid default.json" },
        { part: "keys", message: "Invalid default.json" },
      ],
    });
  });
});
