import { expect, it } from "vitest";
import { parseCsv } from "../tabular/csv.ts";
import { describeColumns } from "./column-table.ts";
import { toTrainingData } from "./load-data.ts";

function describeTable(text: string, target: string): string[] {
  const table = parseCsv(text, "f.csv");
  return describeColumns(table, toTrainingData(table, { name: "f.csv", target, drop: ["gone"] }));
}

const ROWS = Array.from({ length: 40 }, (_, i) => {
  const noise = (i * 7) % 11;
  const kind = i === 39 ? "rare" : i % 2 === 0 ? "even" : "odd";
  return [
    i + 1,
    (i * 37) % 101,
    noise,
    noise,
    5,
    kind.slice(0, 2),
    i % 5 === 0 ? "" : "ab"[i % 2],
    0,
    kind,
  ];
});
const TEXT = `n,key,x,copy,same,hint,letter,gone,y\n${ROWS.map((row) => row.join(",")).join("\n")}\n`;

it("describes each column, and what looks wrong", () => {
  const lines = describeTable(TEXT, "y").map((line) => line.replaceAll(/ {2,}/g, " | "));
  expect(lines).toEqual([
    "Column | type | missing | distinct | values | look at",
    "n | number | 0 | 40 | 1 to 40 | counts the rows: an id?",
    "key | number | 0 | 40 | 0 to 100 | different in each row: an id?",
    "x | number | 0 | 11 | 0 to 10",
    "copy | number | 0 | 11 | 0 to 10 | equal to x",
    "same | number | 0 | 1 | 5 to 5 | constant",
    "hint | category | 0 | 3 | ev 50 %, od 48 %, ra 3 % | gives the target alone: a leak?",
    "letter | category | 8 | 2 | a 50 %, b 50 %",
    "gone | left out",
    "y: 1 of 3 classes have 1 or 2 rows: rare",
  ]);
});

it("finds a column that is the target of a regression in other units, and duplicate rows", () => {
  const rows = Array.from(
    { length: 30 },
    (_, i) => `${(i % 28) * 2.5},${((i % 28) * 5) % 7},${(i % 28) / 8}`,
  );
  const lines = describeTable(
    `a,b,gone,y\n${rows.map((row) => row.replace(/,([^,]*)$/, ",0,$1")).join("\n")}\n`,
    "y",
  );
  expect(lines[1]).toMatch(/^a .*gives the target alone: a leak\?$/);
  expect(lines[2]).not.toContain("leak");
  expect(lines.at(-1)).toBe("2 of 30 rows are duplicates");
});
