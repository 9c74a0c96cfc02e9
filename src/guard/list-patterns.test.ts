import { expect, test } from "vitest";
import { listPatterns } from "./list-patterns.ts";

const NONE = Number.NaN;

test("lists the most frequent patterns first, with their first row", () => {
  const rows = [
    [1, 2, 3],
    [NONE, 2, 3],
    [4, NONE, NONE],
    [5, NONE, NONE],
    [NONE, 7, 8],
    [6, NONE, NONE],
  ];
  const reference = {
    kind: "training_rows" as const,
    count: rows.length,
    read: (index: number) => rows[index]!,
    findNearest: () => [],
  };
  expect(listPatterns(reference).map((row) => [...row])).toEqual([
    [4, NONE, NONE],
    [NONE, 2, 3],
  ]);
  expect(listPatterns({ ...reference, count: 1 })).toEqual([]);
});
