import { describe, expect, it } from "vitest";
import { openData } from "./open-data.ts";

const open = async (text: string, target?: string): Promise<readonly string[]> => {
  const { table } = await openData({ name: "f.csv", text }, {}, { target });
  return table.header;
};

describe("a first line of numbers", () => {
  it.each<[text: string, target: string | undefined, reason: string]>([
    ["0,1,2\n0.5,1.5,3\n", "2", "as pandas counts columns"],
    ["400,401,402\n0.5,1.5,3\n", undefined, "the wavelengths of a spectrum"],
    ["400,401.5,y\n0.5,1.5,3\n", "y", "numbers besides a name"],
  ])("is the header: %j, target %s, %s", async (...[text, target]) => {
    expect(await open(text, target)).toEqual(text.split("\n")[0]?.split(","));
  });

  it.each<[text: string, target: string | undefined, reason: string]>([
    ["5.1,3.5,0\n4.9,3.0,0\n", "0", "decimals"],
    ["5,-3,0\n4,2,0\n", "0", "a sign"],
    ["5,3,0\n4,2,0\n", "species", "no target"],
  ])("is a row: %j, target %s, %s", async (...[text, target]) => {
    await expect(open(text, target)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining("Expected the names of the columns, got numbers: 5"),
    });
  });

  it("with duplicates is no header", async () => {
    await expect(open("5,5,0\n4,2,0\n", "0")).rejects.toThrow('Expected distinct names, got "5"');
  });
});

describe("rows of objects", () => {
  it("take inherited properties as missing", async () => {
    const { table } = await openData([{ constructor: 1, y: "a" }, { y: "b" }]);
    expect(table.records).toEqual([
      ["1", "a"],
      ["", "b"],
    ]);
  });
});
