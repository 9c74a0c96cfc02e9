import { describe, expect, it } from "vitest";
import { createCsvRowCodec } from "./csv-row.ts";
import { toMissingWords } from "./csv.ts";
import { ProblemList } from "./decode-row.ts";
import type { Feature } from "./tabular.ts";

const base = { precision: "float32", unit: null, min: null, max: null, nullable: false } as const;
const features: readonly Feature[] = [
  { ...base, name: "x", type: "number" },
  {
    ...base,
    name: "color",
    type: "category",
    nullable: true,
    categories: ["red", "NA", "a,b"].map((value) => ({ value, share: null })),
  },
  { ...base, name: "paid", type: "boolean" },
  { ...base, name: "seats", type: "integer" },
];

const HEADER = ["color", "paid", "other", "seats", "x"];

function decode(record: string | Buffer, own: readonly Feature[] = features, missing?: string) {
  const words = missing === undefined ? undefined : toMissingWords(missing);
  const codec = createCsvRowCodec(own, HEADER, ",", "point", words);
  const values = new Float64Array(4);
  const problems = new ProblemList("column");
  const bytes = Buffer.from(record);
  codec.decode(bytes, 0, bytes.length, values, 0, problems);
  return {
    values: [...values],
    unseen: codec.unseen.map(({ value }) => value),
    problems: problems.problems.map(({ at, message }) => `${at}: ${message}`),
  };
}

describe("a CSV record of typed features", () => {
  it.each([
    ["red,true,?,3,1.5", [1.5, 0, 1, 3]],
    [" red , FALSE ,?,-3,1", [1, 0, 0, -3]],
    ['"a,b",yes,"?",3,1', [1, 2, 1, 3]],
    // A known category is never a missing value.
    ["NA,no,?,3.0,1", [1, 1, 0, 3]],
    ["n/a,0,?,3,1", [1, Number.NaN, 0, 3]],
    [",1,?,3,1", [1, Number.NaN, 1, 3]],
    // Training drops all white space of Unicode around cells.
    ["red\u00a0,true\u2007,?,\u202f3,\ufeff1.5\u3000", [1.5, 0, 1, 3]],
    ['\u00a0"a,b"\u00a0,\u000byes,"?",3,1', [1, 2, 1, 3]],
  ])("decodes %s", (record, values) => {
    expect(decode(record)).toEqual({ values, unseen: [], problems: [] });
  });

  it("lists an unknown category once, quoted or not", () => {
    expect(decode("green,true,?,3,1")).toEqual({
      values: [1, 3, 1, 3],
      unseen: ["green"],
      problems: [],
    });
    expect(decode('"green, dark",true,"",3,1').unseen).toEqual(["green, dark"]);
  });

  it("takes the words of the model as missing, also numbers and truth values", () => {
    const nullable = features.map((feature) => ({ ...feature, nullable: true }));
    const read = (record: string) => decode(record, nullable, "-999,-,no,NA");
    const { NaN: missing } = Number;
    expect(read("-,no,?,-999,-999").problems).toHaveLength(1);
    expect(read("-,no,?,-999,1.5").values).toEqual([1.5, missing, missing, missing]);
    expect(read("red,yes,?,7, -999 ").values).toEqual([missing, 0, 1, 7]);
    expect(read('red,yes,?,7,"-999"').values).toEqual([missing, 0, 1, 7]);
    // As in training, the cell is compared, not its number; a known category is a value.
    expect(read("NA,,?,7,-999.0").values).toEqual([-999, 1, missing, 7]);
    // The default words are values then.
    expect(read("?,yes,?,7,1").unseen).toEqual(["?"]);
    expect(decode("red,yes,?,7,-999", features, "-999").problems).toEqual([
      "x: Missing. Expected a number.",
    ]);
  });

  it("takes a word of the model as missing among integer categories", () => {
    const categories = [1, 2].map((value) => ({ value, share: null }));
    const [x, , ...others] = features;
    const level = { ...base, name: "color", type: "category", nullable: true, categories } as const;
    expect(decode("-9,yes,?,7,1", [x!, level, ...others], "-9").values[1]).toBeNaN();
    expect(decode("2,yes,?,7,1", [x!, level, ...others], "-9").values[1]).toBe(1);
    expect(decode("-9,yes,?,7,1", [x!, level, ...others]).values[1]).toBe(2);
  });

  it("lists an unknown integer as the integer, as JSON has it", () => {
    const categories = [1, 2].map((value) => ({ value, share: null }));
    const [x, , ...others] = features;
    const level = { ...base, name: "color", type: "category", categories } as const;
    expect(decode("99,yes,?,7,1", [x!, level, ...others]).unseen).toEqual([99]);
  });

  it("rejects other values", () => {
    expect(decode("red,maybe,?,3.5,x").problems).toEqual([
      'paid: Expected true or false, got "maybe".',
      "seats: Expected an integer, got 3.5.",
      'x: Expected a number, got "x".',
    ]);
    expect(decode("red,,?,1e99,1").problems).toEqual([
      "paid: Missing. Expected true or false.",
      "seats: Expected an integer from -9007199254740991 to 9007199254740991, got 1e99.",
    ]);
  });

  it("rejects a category in another encoding, which would be an unknown one", () => {
    const { problems } = decode(Buffer.from("gr\u00fcn,true,?,3,1", "latin1"));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("UTF-8");
    expect(decode(Buffer.from("red,true,\u00fc,3,1", "latin1")).problems).toEqual([]);
  });
});
