import { expect, it } from "vitest";
import { listOrder, sortByColumns } from "./row-order.ts";

const FIELDS = [
  { title: "Feature", type: "string", values: ["width", "length", "width", "length"] },
  { title: "Bin", type: "number", values: [2, 10, 1, 9] },
] as const;

function sort(sortBy: unknown): readonly string[] {
  return sortByColumns(FIELDS, listOrder(sortBy, FIELDS), 4).map(({ index }) =>
    FIELDS.map(({ values }) => values[index]).join(" "),
  );
}

it("orders rows that are equal in the first column by the second one", () => {
  const by = (displayName: string, desc: boolean) => ({ displayName, desc });
  expect(sort([by("Feature", false), by("Bin", false)])).toEqual([
    "length 9",
    "length 10",
    "width 1",
    "width 2",
  ]);
  expect(sort([by("Feature", true), by("Bin", false)])).toEqual([
    "width 1",
    "width 2",
    "length 9",
    "length 10",
  ]);
});

it("takes a missing number for the least one, and orders booleans by their names", () => {
  const fields = [
    { title: "Change", type: "number", values: [3, null, -2, Number.NaN] },
    { title: "Stable", type: "boolean", values: [true, false, true, null] },
  ] as const;
  const order = (displayName: string, desc: boolean) =>
    sortByColumns(fields, listOrder([{ displayName, desc }], fields), 4).map(({ index }) => index);
  expect(order("Change", false)).toEqual([1, 3, 2, 0]);
  expect(order("Change", true)).toEqual([0, 2, 1, 3]);
  expect(order("Stable", false)).toEqual([3, 1, 0, 2]);
});

it("leaves the rows in their order without a column that the table has", () => {
  const unsorted = ["width 2", "length 10", "width 1", "length 9"];
  expect(sort([{ displayName: "Model", desc: true }])).toEqual(unsorted);
  expect(sort(undefined)).toEqual(unsorted);
});
