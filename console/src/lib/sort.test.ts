import { describe, expect, it } from "vitest";
import { sortRows, toggleSort } from "./sort.ts";

describe("sorting rows", () => {
  it("sorts by number or by string, and does not change its input", () => {
    const rows = ["row 10", "row 2", "row 1"];
    expect(sortRows(rows, (row) => row, false)).toEqual(["row 1", "row 2", "row 10"]);
    expect(sortRows([2, 10, 1], (row) => row, true)).toEqual([10, 2, 1]);
    expect(rows).toEqual(["row 10", "row 2", "row 1"]);
  });

  it("keeps the order of equal rows in both directions", () => {
    const rows = [
      { name: "a", count: 1 },
      { name: "b", count: 1 },
    ];
    expect(sortRows(rows, ({ count }) => count, true)).toEqual(rows);
  });

  it("starts with the largest number or the first string, and reverses on the next click", () => {
    const none = { column: "", descending: false };
    expect(toggleSort(none, "count", true)).toEqual({ column: "count", descending: true });
    expect(toggleSort(none, "name", false)).toEqual({ column: "name", descending: false });
    expect(toggleSort({ column: "count", descending: true }, "count", true)).toEqual({
      column: "count",
      descending: false,
    });
  });
});
