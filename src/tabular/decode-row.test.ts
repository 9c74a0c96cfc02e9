import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMissingWords } from "./csv.ts";
import { ProblemList, createRowCodec } from "./decode-row.ts";
import type { Feature } from "./tabular.ts";

function feature(name: string, changes: Partial<Feature> = {}): Feature {
  return {
    name,
    type: "number",
    precision: "float32",
    unit: null,
    min: null,
    max: null,
    nullable: false,
    ...changes,
  };
}

function decode(
  features: readonly Feature[],
  text: string,
  row: number | null = null,
  missing?: ReadonlySet<string>,
) {
  const codec = createRowCodec(features, missing);
  const values = new Float64Array(features.length);
  const problems = new ProblemList();
  const parsed: unknown = JSON.parse(text);
  const location = { pointer: row === null ? "" : "/instances", row };
  let unknown: readonly string[] = [];
  if (Array.isArray(parsed)) codec.decodeArray(parsed, values, 0, location, problems);
  else ({ unknown } = codec.decodeObject(parsed as object as never, values, 0, location, problems));
  return { values: [...values], problems: problems.problems, unknown };
}

describe("createRowCodec", () => {
  it("decodes encoded rows, as objects with fields in any order and as arrays", () => {
    const names = fc.uniqueArray(
      fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("constructor", "toString", "a/b", "~")),
      { minLength: 1, maxLength: 8 },
    );
    const value = fc.double({ min: -3e38, max: 3e38, noNaN: true });
    const rows = names
      .filter((list) => !list.includes("__proto__"))
      .chain((list) =>
        fc.record({
          list: fc.constant(list),
          values: fc.array(value, { minLength: list.length, maxLength: list.length }),
          order: fc.shuffledSubarray(
            list.map((_, i) => i),
            { minLength: list.length },
          ),
        }),
      );
    fc.assert(
      fc.property(rows, ({ list, values, order }) => {
        const features = list.map((name) => feature(name));
        const object = Object.fromEntries(order.map((i) => [list[i], values[i]]));
        const expected = JSON.parse(JSON.stringify(values)) as number[];
        for (const text of [JSON.stringify(object), JSON.stringify(values)]) {
          const decoded = decode(features, text);
          expect(decoded.problems).toEqual([]);
          expect(decoded.unknown).toEqual([]);
          expect(decoded.values).toEqual(expected);
        }
      }),
    );
  });

  it("finds every problem of a row, each at its JSON pointer", () => {
    const features = [feature("a/b"), feature("c~d"), feature("e"), feature("f")];
    const { problems } = decode(features, '{"a/b": "1", "c~d": [], "f": 1e999}', 3);
    expect(problems.map(({ at }) => at)).toEqual([
      "/instances/3/a~1b",
      "/instances/3/c~0d",
      "/instances/3/e",
      "/instances/3/f",
    ]);
  });

  it("does not take an inherited property for a field", () => {
    const { problems } = decode([feature("toString"), feature("valueOf")], "{}");
    expect(problems.map(({ message }) => message)).toEqual([
      "Missing. Expected a number.",
      "Missing. Expected a number.",
    ]);
  });

  it("decodes null and an absent field as NaN only for a nullable feature", () => {
    const features = [
      feature("a", { nullable: true }),
      feature("b", { nullable: true }),
      feature("c"),
    ];
    const { values, problems } = decode(features, '{"a": null, "c": null}');
    expect(values.slice(0, 2)).toEqual([Number.NaN, Number.NaN]);
    expect(problems.map(({ at }) => at)).toEqual(["/c"]);
    expect(decode(features, "[null, 1, 2]").values).toEqual([Number.NaN, 1, 2]);
  });

  it("rejects numbers beyond float32, for float32 features only", () => {
    expect(decode([feature("a")], '{"a": 3.4028234663852886e38}').problems).toEqual([]);
    expect(decode([feature("a")], '{"a": 3.41e38}').problems).toHaveLength(1);
    expect(decode([feature("a", { precision: "float64" })], '{"a": 1e300}').problems).toEqual([]);
  });

  it.each([
    ["null", "Expected a number, got null."],
    ['"five"', 'Expected a number, got "five".'],
    ['"5"', 'Expected a number, got "5". Write the number without quotes: {"a": 5}.'],
    ['"0x10"', 'Expected a number, got "0x10".'],
    ["true", "Expected a number, got true."],
    ["[]", "Expected a number, got an array."],
    ["{}", "Expected a number, got an object."],
    ["1e999", "Expected a number, got Infinity."],
    [
      "1e39",
      "Expected a number from -3.4028234663852886e+38 to 3.4028234663852886e+38, got 1e+39.",
    ],
  ])("states what it expected and what it got: %s", (value, message) => {
    const { problems } = decode([feature("a")], `{"a": ${value}}`);
    expect(problems).toEqual([{ at: "/a", message }]);
  });

  it("names null for a word that is a missing value in CSV, if the feature may be missing", () => {
    const row = '{"a": "NA", "b": "", "c": "NA", "d": "five"}';
    const may = { nullable: true };
    const features = [feature("a", may), feature("b", may), feature("c"), feature("d", may)];
    expect(decode(features, row).problems.map(({ message }) => message)).toEqual([
      'Expected a number, got "NA". Write null for a missing value.',
      'Expected a number, got "". Write null for a missing value.',
      'Expected a number, got "NA".',
      'Expected a number, got "five".',
    ]);
  });

  it("states how many numbers an array needs", () => {
    expect(decode([feature("a"), feature("b")], "[1]", 2).problems).toEqual([
      { at: "/instances/2", message: "Expected 2 numbers (a, b), got 1." },
    ]);
  });

  it("lists at most ten unknown fields, shortened", () => {
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`x${i}${"y".repeat(100)}`, 1]),
    );
    const { unknown } = decode([feature("a")], JSON.stringify({ a: 1, ...many }));
    expect(unknown).toHaveLength(10);
    expect(unknown[0]?.length).toBeLessThan(70);
  });
});

describe("typed features", () => {
  const category = (...values: (string | number)[]): Partial<Feature> => ({
    type: "category",
    categories: values.map((value) => ({ value, share: null })),
  });
  const features = [
    feature("color", category("red", "blue", "", "7")),
    feature("level", { ...category(30, -7), nullable: true }),
    feature("paid", { type: "boolean" }),
    feature("seats", { type: "integer", precision: "float64" }),
  ];

  it("decode to codes, 0 and 1, and integers", () => {
    expect(
      decode(features, '{"color": "blue", "level": -7, "paid": true, "seats": 3}').values,
    ).toEqual([1, 1, 1, 3]);
    expect(decode(features, '["", 30, false, -0]').values).toEqual([2, 0, 0, -0]);
    expect(decode(features, '["red", null, 1, 9007199254740991]').values).toEqual([
      0,
      Number.NaN,
      1,
      9007199254740991,
    ]);
  });

  it("decode an unknown category to the number of categories, and list it", () => {
    const codec = createRowCodec(features);
    const values = new Float64Array(4);
    const problems = new ProblemList();
    const location = { pointer: "", row: null };
    codec.decodeArray(["green", 31, false, 0], values, 0, location, problems);
    expect([...values]).toEqual([4, 2, 0, 0]);
    expect(codec.unseen.map(({ feature: { name }, value }) => [name, value])).toEqual([
      ["color", "green"],
      ["level", 31],
    ]);
    codec.decodeArray(["red", 30, false, 0], values, 0, location, problems);
    expect(codec.unseen).toEqual([]);
    expect(problems.total).toBe(0);
  });

  it.each([
    ["color", "5", 'Expected a string, for example "red", got 5.'],
    [
      "color",
      "7",
      'Expected a string, for example "red", got 7. Write it in quotes: {"color": "7"}.',
    ],
    ["color", "[]", 'Expected a string, for example "red", got an array.'],
    ["color", "null", 'Expected a string, for example "red", got null.'],
    [
      "level",
      '"30"',
      'Expected an integer, got "30". Write the number without quotes: {"level": 30}.',
    ],
    ["level", "1.5", "Expected an integer, got 1.5."],
    ["paid", "2", "Expected true or false, got 2."],
    [
      "paid",
      '"true"',
      'Expected true or false, got "true". Write it without quotes: {"paid": true}.',
    ],
    ["seats", "2.5", "Expected an integer, got 2.5."],
    ["seats", "true", "Expected an integer, got true."],
    [
      "seats",
      "1e300",
      "Expected an integer from -9007199254740991 to 9007199254740991, got 1e+300.",
    ],
  ])("reject other values: %s %s", (name, value, message) => {
    const valid = { color: "red", level: 30, paid: true, seats: 1 };
    const text = JSON.stringify({ ...valid, [name]: JSON.parse(value) });
    expect(decode(features, text).problems).toEqual([{ at: `/${name}`, message }]);
  });

  it("take a missing word in place of a category as missing, as in CSV, unless it is a known one", () => {
    const own = [
      feature("work", { ...category("red", "NA"), nullable: true }),
      feature("x", { nullable: true }),
    ];
    const { NaN: missing } = Number;
    const read = (text: string, words?: string) =>
      decode(own, text, null, words === undefined ? undefined : toMissingWords(words));
    for (const word of ["?", "", "null", "n/a"]) {
      expect(read(JSON.stringify({ work: word, x: 1 })).values).toEqual([missing, 1]);
      expect(read(JSON.stringify([word, 1])).values).toEqual([missing, 1]);
    }
    expect(read('["NA", 1]').values).toEqual([1, 1]);
    expect(read('["-", 1]', "-,-999").values).toEqual([missing, 1]);
    expect(read('["?", 1]', "-,-999").values).toEqual([2, 1]);
    // A number is one, and a string is none.
    expect(read('["red", -999]', "-,-999").values).toEqual([0, -999]);
    expect(read('["red", "-999"]', "-,-999").problems).toHaveLength(1);
    expect(read('["?", null]').problems).toEqual([
      { at: "", message: "Expected a value for at least one feature, got none." },
    ]);
  });

  it("require a category that is not nullable, also if a missing word is given", () => {
    const own = [feature("work", category("red"))];
    const message = 'Missing. Expected a string, for example "red".';
    expect(decode(own, '{"work": "?"}').problems).toEqual([{ at: "/work", message }]);
    expect(decode(own, '["?"]').problems).toEqual([{ at: "/0", message }]);
  });

  it("state what is missing", () => {
    expect(decode(features, "{}").problems.map(({ message }) => message)).toEqual([
      'Missing. Expected a string, for example "red".',
      "Missing. Expected true or false.",
      "Missing. Expected an integer.",
    ]);
  });
});
