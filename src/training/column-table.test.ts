import { expect, it } from "vitest";
import { parseCsv } from "../tabular/csv.ts";
import { describeColumns } from "./column-table.ts";
import { toTrainingData } from "./load-data.ts";

async function describeTable(text: string, target: string): Promise<string[]> {
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

it("describes each column, and what looks wrong", async () => {
  const lines = (await describeTable(TEXT, "y")).map((line) => line.replaceAll(/ {2,}/g, " | "));
  expect(lines).toEqual([
    "Column | type | missing | distinct | values | notes",
    "n | number | 0 | 40 | 1 to 40 | counts the rows: an id?",
    "key | number | 0 | 40 | 0 to 100 | different in each row: an id?",
    "x | number | 0 | 11 | 0 to 10",
    "copy | number | 0 | 11 | 0 to 10 | equal to x",
    "same | number | 0 | 1 | 5 to 5 | constant",
    "hint | category | 0 | 3 | ev 50 %, od 48 %, ra 3 % | gives the target alone: a leak?",
    "letter | category | 8 | 2 | a 50 %, b 50 %",
    "gone | left out",
    "y: 1 of 3 classes has 1 or 2 rows: rare",
  ]);
});

it("finds a column that is the target of a regression in other units, and duplicate rows", async () => {
  const rows = Array.from(
    { length: 30 },
    (_, i) => `${(i % 28) * 2.5},${((i % 28) * 5) % 7},${(i % 28) / 8}`,
  );
  const lines = await describeTable(
    `a,b,gone,y\n${rows.map((row) => row.replace(/,([^,]*)$/, ",0,$1")).join("\n")}\n`,
    "y",
  );
  expect(lines[1]).toMatch(/^a .*gives the target alone: a leak\?$/);
  expect(lines[2]).not.toContain("leak");
  expect(lines.at(-1)).toBe("2 of 30 rows are duplicates");
});

it("takes columns as equal by value alone: a missing value, not the sign of 0", async () => {
  const rows = [
    [1, 0, "", 1, -0, ""],
    [2, 1, 3, 2, 1, 3],
    [3, 2, 4, 3, 2, 4],
  ];
  const cells = rows.map((row) => row.map((cell) => (Object.is(cell, -0) ? "-0" : cell)).join(","));
  const lines = await describeTable(
    `a,zero,gap,b,minus,hole,gone,y\n${cells.map((row, i) => `${row},0,${i}`).join("\n")}\n`,
    "y",
  );
  const notes = lines.slice(1, 7).map((line) => /equal to (.*)$/.exec(line)?.[1]);
  expect(notes).toEqual([undefined, undefined, undefined, "a", undefined, "gap"]);
});

it("counts rows as duplicates if each cell is equal", async () => {
  expect((await describeTable("a,gone,y\nx,0,1\nz,0,2\nx,0,1\n", "y")).at(-1)).toBe(
    "1 of 3 rows is a duplicate",
  );
  const text = `a,b,gone,y\nx y,z,0,1\nx,y z,0,1\nx,y z,0,1\nx,y z,0,2\nx y,z,0,1\n`;
  expect((await describeTable(text, "y")).at(-1)).toBe("2 of 5 rows are duplicates");
});

it("lets the event loop run, and can be cancelled", async () => {
  const count = 20_000;
  const width = 200;
  const feature = { name: "x", precision: "float32", unit: null, nullable: false } as const;
  const values = Float64Array.from({ length: count }, (_, i) => i);
  const columns = Array.from({ length: width }, (_, index) => ({
    index,
    feature: { ...feature, type: "number", min: 0, max: count } as const,
    values,
  }));
  const header = columns.map(({ index }) => `x${index}`);
  const table = { header, records: [], lines: null };
  const labels = new Int32Array(count);
  const data = {
    set: {
      rows: { values, count, width },
      target: { task: "classification", classes: [0, 1], labels },
    },
    features: [],
    columns,
    leftOut: [],
    target: "y",
    taskIsInferred: true,
  } as const;
  const abort = new AbortController();
  const described = describeColumns(table, data, abort.signal);
  setImmediate(() => abort.abort());
  await expect(described).rejects.toMatchObject({ code: "CANCELLED" });
});

it("keeps a category with line ends in the line of its column", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `"a\n${i % 2}",1,${i % 2}`);
  const lines = await describeTable(`x,gone,y\n${rows.join("\n")}\n`, "y");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain(String.raw`a\n0 50 %, a\n1 50 %`);
});
