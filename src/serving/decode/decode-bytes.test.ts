import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictJson } from "../../kernel/json-text.ts";
import type { Feature } from "../../tabular/tabular.ts";
import { WarningMap } from "../warnings.ts";
import { createBodyDecoder } from "./decode-body.ts";
import { createBytesDecoder } from "./decode-bytes.ts";

const LIMIT = 1_048_576;
const MAX_ROWS = 6;
const base = { precision: "float32", unit: null, min: null, max: null, nullable: false } as const;

function toFeature(name: string, kind: string, nullable: boolean): Feature {
  const own = { ...base, name, nullable };
  const toCategories = (values: readonly (string | number)[]) =>
    values.map((value) => ({ value, share: null }));
  switch (kind) {
    case "double":
      return { ...own, type: "number", precision: "float64" };
    case "boolean":
    case "integer":
      return { ...own, type: kind };
    case "word":
      return { ...own, type: "category", categories: toCategories(["red", "NA", "a, b", "größe"]) };
    case "code":
      return { ...own, type: "category", categories: toCategories([0, 1, -3]) };
    default:
      return { ...own, type: "number" };
  }
}

/** Decodes a body in the two ways, and compares them. @returns true if its bytes were decoded */
function compare(features: readonly Feature[], body: Buffer, isBatch: boolean): boolean {
  const byBytes = createBytesDecoder(features, MAX_ROWS);
  const byParser = createBodyDecoder(features, MAX_ROWS);
  const size = (MAX_ROWS + 1) * features.length;
  const got = new Float64Array(size);
  const count = isBatch
    ? byBytes.decodeBatch(body, LIMIT, () => got)
    : Number(byBytes.decodeRow(body, LIMIT, got));
  if (count === 0) return false;
  const expected = new Float64Array(size);
  const warnings = new WarningMap();
  const parsed = parseStrictJson(body, body.toString(), LIMIT);
  if (!("value" in parsed)) throw new Error(`Expected a body without ${parsed.reason}.`);
  let rows = 1;
  if (isBatch) {
    const instances = byParser.findInstances(parsed.value);
    rows = instances.length;
    byParser.decodeInstances(instances, () => expected, warnings);
  } else byParser.decodeRow(parsed.value, expected, warnings);
  expect(count).toBe(rows);
  const end = rows * features.length;
  expect(toBits(got.subarray(0, end))).toEqual(toBits(expected.subarray(0, end)));
  expect(warnings.byRow).toBeNull();
  return true;
}

/** All bits, which distinguish 0 from −0. */
function toBits(values: Float64Array): string[] {
  return Array.from(values, (value) => (Object.is(value, -0) ? "-0" : String(value)));
}

const NAMES = ["a", "b", "10", "a b", "größe", 'a"b', "constructor"];
const KINDS = ["number", "number", "double", "integer", "boolean", "word", "code"];
const ODD = [
  "- -0 -0.0 00 01 -01 +1 .5 1. 1.e3 1e 1e+ 1E-2 0e0 0.1 1e22 1e23 -1e-5 0 1 -3 2 0.5",
  "9007199254740993 123456789012345 1234567890123456 4.9e-324 1e-400 1e999 3.4028235e38 3.5e38",
  "0.1000000000000000055511151231257827021181583404541015625 0x10 1_000 NaN Infinity nul True",
  'null true false "red" "re\\u0064" "größe" "NA" "blue" "" "1" [] {} [1] "a 1, 1\u00a0',
].flatMap((words) => words.split(" "));
const BLANKS = ["", "", " ", "\n", "\r\n\t "];
const NO_BLANKS = ["\u00a0", "\f", ","];

const feature = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...KINDS), fc.boolean())
  .map(([name, kind, nullable]) => toFeature(name, kind, nullable));
const features = fc.uniqueArray(feature, {
  selector: ({ name }) => name,
  minLength: 1,
  maxLength: 4,
});

/** A value that is mostly valid. */
function toValue({ type, categories = [] }: Feature): fc.Arbitrary<string> {
  const number = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e9, max: 1e9 });
  const usual: Readonly<Record<Feature["type"], fc.Arbitrary<string>>> = {
    number: fc.oneof(number.map(String), fc.integer().map(String), decimal),
    integer: fc.integer().map(String),
    boolean: fc.constantFrom("true", "false", "0", "1"),
    category: fc.nat().map((n) => JSON.stringify(categories[n % categories.length]?.value)),
  };
  return fc.oneof(
    { weight: 40, arbitrary: usual[type] },
    { weight: 1, arbitrary: fc.constantFrom(...ODD) },
  );
}

/** A number of up to 20 digits, with its point anywhere. */
const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat(25), fc.boolean())
  .map(([digits, decimals, isNegative]) => {
    const text = String(digits).padStart(decimals + 1, "0");
    const whole = text.slice(0, text.length - decimals);
    const fraction = decimals === 0 ? "" : `.${text.slice(-decimals)}`;
    return `${isNegative ? "-" : ""}${whole}${fraction}`;
  });

function toRow(known: readonly Feature[]): fc.Arbitrary<readonly string[]> {
  const values = fc.tuple(...known.map(toValue));
  const fields = known.map((each) =>
    toValue(each).map((value) => [JSON.stringify(each.name), ":", value]),
  );
  const object = fc
    .tuple(fc.tuple(...fields), fc.nat(19))
    .chain(([all, odd]) => {
      const more = odd === 0 ? [[JSON.stringify("x"), ":", "1"]] : odd === 1 ? [all[0]!] : [];
      const given = [...all, ...more];
      return fc.shuffledSubarray(given, { minLength: given.length - (odd === 2 ? 1 : 0) });
    })
    .map((parts) => ["{", ...join(parts), "}"]);
  const array = values.map((all) => ["[", ...join(all.map((value) => [value])), "]"]);
  return fc.oneof(array, object);
}

/** Puts commas between lists of tokens. */
function join(parts: readonly (readonly string[])[]): string[] {
  return parts.flatMap((part, i) => (i === 0 ? part : [",", ...part]));
}

/** Puts blanks between tokens, as serializers do or at random, and sometimes damages the body. */
function toBody(tokens: readonly string[]): fc.Arbitrary<Buffer> {
  const dumped = tokens.map((token) => (/^[,:]$/.test(token) ? `${token} ` : token)).join("");
  const blank = fc.oneof(
    { weight: 200, arbitrary: fc.constantFrom(...BLANKS) },
    { weight: 1, arbitrary: fc.constantFrom(...NO_BLANKS) },
  );
  const spaced = fc
    .array(blank, {
      minLength: tokens.length + 1,
      maxLength: tokens.length + 1,
    })
    .map((blanks) => tokens.map((token, i) => `${blanks[i]}${token}`).join("") + blanks.at(-1));
  const text = fc.oneof(fc.constant(tokens.join("")), fc.constant(dumped), spaced);
  const edit = fc.tuple(
    fc.constantFrom("none", "none", "none", "none", "cut", "insert", "remove"),
    fc.nat(),
    fc.constantFrom(...'{}[],:"\\ -.e01\n', "\ufeff", "\0", "[[", '"instances"', "ä"),
  );
  return fc.tuple(text, edit).map(([whole, [kind, position, piece]]) => {
    const bytes = Buffer.from(whole);
    const at = position % bytes.length;
    if (kind === "none") return bytes;
    if (kind === "cut") return bytes.subarray(0, at);
    const rest = bytes.subarray(kind === "remove" ? at + 1 : at);
    const inserted = kind === "insert" ? Buffer.from(piece) : Buffer.alloc(0);
    return Buffer.concat([bytes.subarray(0, at), inserted, rest]);
  });
}

describe("the decoder of bytes", () => {
  it("decodes the same bits as the parser, or leaves the body to it", () => {
    let taken = 0;
    const batch = features.chain((known) =>
      fc.tuple(
        fc.constant(known),
        fc
          .array(toRow(known), { minLength: 0, maxLength: MAX_ROWS + 1 })
          .map((rows) => ["{", '"instances"', ":", "[", ...join(rows), "]", "}"])
          .chain(toBody),
        fc.constant(true),
      ),
    );
    const row = features.chain((known) =>
      fc.tuple(fc.constant(known), toRow(known).chain(toBody), fc.constant(false)),
    );
    fc.assert(
      fc.property(fc.oneof(batch, row), ([known, body, isBatch]) => {
        if (compare(known, body, isBatch)) taken += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  const [a, b] = [toFeature("a", "number", false), toFeature("b", "number", true)];

  it.each([
    ["as JSON.stringify writes it", '{"instances":[[1,2.5],[-3,null]]}'],
    ["as Python's json.dumps writes it", '{"instances": [[1, 2.5], [-3, null]]}'],
    ["indented, with a line end", '{\n  "instances": [\n    [\n      1,\n      2\n    ]\n  ]\n}\n'],
    ["with tabs and CRLF", '{\r\n\t"instances": [\r\n\t\t[1, 2]\r\n\t]\r\n}\r\n'],
    ["of objects", '{"instances": [{"a": 1, "b": 2}, {"a": 3, "b": 4.75}]}'],
    [
      "of objects in another order, then in this one",
      '{"instances":[{"b":1,"a":2},{"a":3,"b":4}]}',
    ],
    ["of some numbers with many digits", '{"instances":[[1,2.5],[0.30000000000000004,1.5E-7]]}'],
  ])("decodes a batch %s", (_form, text) => {
    expect(compare([a, b], Buffer.from(text), true)).toBe(true);
  });

  it.each([
    ["strings, booleans and integers", '{"a":"red","b":true,"c":-7,"d":1}'],
    ["null for a feature that may be missing", '{"a":"NA","b":0,"c":1,"d":null}'],
  ])("decodes a row of %s", (_form, text) => {
    const kinds = ["word", "boolean", "integer", "number"];
    const known = kinds.map((kind, i) => toFeature("abcd"[i]!, kind, i === 3));
    expect(compare(known, Buffer.from(text), false)).toBe(true);
  });

  it.each([
    ["bytes behind its end", '{"a":1,"b":2}}'],
    ["another object behind its end", '{"a":1,"b":2}{"a":1,"b":2}'],
    ["a field that stands twice", '{"a":1,"b":2,"a":1}'],
    ["an exponent without digits", '{"a":1e,"b":2}'],
    ["another object in place of a value", '{"a":{},"b":2}'],
  ])("leaves a row with %s to the parser", (_form, text) => {
    expect(compare([a, b], Buffer.from(text), false)).toBe(false);
  });

  it("leaves a row without any value to the parser, which rejects it", () => {
    const empty = toFeature("a", "number", true);
    expect(compare([empty, b], Buffer.from('{"a":null,"b":1}'), false)).toBe(true);
    expect(compare([empty, b], Buffer.from('{"a":null,"b":null}'), false)).toBe(false);
    expect(compare([empty, b], Buffer.from('{"instances":[[1,1],[null,null]]}'), true)).toBe(false);
  });

  it.each([
    ["a byte-order mark", '\ufeff{"instances":[[1,2]]}'],
    ["another field", '{"instances":[[1,2]],"id":1}'],
    ["a field that stands twice", '{"instances":[{"a":1,"b":2,"a":1}]}'],
    ["a field that stands twice in place of another", '{"instances":[{"a":1,"a":1}]}'],
    ["a field that the model does not know", '{"instances":[{"a":1,"b":2,"c":3}]}'],
    ["a row without a value", '{"instances":[[1]]}'],
    ["no rows", '{"instances":[]}'],
    ["many digits in most numbers", '{"instances":[[0.30000000000000004,1e-7]]}'],
    ["too many rows", `{"instances":[${"[1,2],".repeat(MAX_ROWS)}[1,2]]}`],
    ["bytes behind its end", '{"instances":[[1,2]]}}'],
  ])("leaves a batch with %s to the parser", (_form, text) => {
    expect(compare([a, b], Buffer.from(text), true)).toBe(false);
  });

  it("leaves a body with too many values for its limit to the parser, which rejects it", () => {
    const decoder = createBytesDecoder([a], 10_000);
    const values = new Float64Array(10_000);
    const decode = (text: string, limit: number) =>
      decoder.decodeBatch(Buffer.from(text), limit, () => values);
    for (const [row, most] of [
      ["[1]", 1_021],
      ['{"a":1}', 510],
    ] as const) {
      const bodyOf = (rows: number) => `{"instances":[${`${row},`.repeat(rows - 1)}${row}]}`;
      const parse = (text: string) => parseStrictJson(Buffer.from(text), text, 32_768);
      expect(decode(bodyOf(most), 32_768)).toBe(most);
      expect(parse(bodyOf(most))).toHaveProperty("value");
      expect(decode(bodyOf(most + 1), 32_768)).toBe(0);
      expect(parse(bodyOf(most + 1))).toHaveProperty("reason");
      expect(decode(bodyOf(most + 1), LIMIT)).toBe(most + 1);
    }
  });

  it("leaves a row with more fields than its limit allows to the parser, which rejects it", () => {
    for (const [fields, isTaken] of [
      [1_023, true],
      [1_024, false],
    ] as const) {
      const names = Array.from({ length: fields }, (_, i) => `f${i}`);
      const decoder = createBytesDecoder(
        names.map((name) => toFeature(name, "number", false)),
        1,
      );
      const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])));
      const values = new Float64Array(fields);
      expect(decoder.decodeRow(Buffer.from(text), 32_768, values)).toBe(isTaken);
      expect("value" in parseStrictJson(Buffer.from(text), text, 32_768)).toBe(isTaken);
      expect(decoder.decodeRow(Buffer.from(text), LIMIT, values)).toBe(true);
    }
  });

  it("decodes a batch after one that it leaves to the parser for its many digits", () => {
    const decoder = createBytesDecoder([a, b], MAX_ROWS);
    const decode = (text: string) =>
      decoder.decodeBatch(Buffer.from(text), LIMIT, () => new Float64Array(2));
    expect(decode('{"instances":[[0.30000000000000004,1e-7]]}')).toBe(0);
    expect(decode('{"instances":[[1,2]]}')).toBe(1);
  });

  it("decodes a row after one of another order that it leaves to the parser", () => {
    const decoder = createBytesDecoder([a, b], MAX_ROWS);
    const values = new Float64Array(2);
    expect(decoder.decodeRow(Buffer.from('{"b":1,"b":2}'), LIMIT, values)).toBe(false);
    expect(decoder.decodeRow(Buffer.from('{"a":1,"b":2}'), LIMIT, values)).toBe(true);
    expect([...values]).toEqual([1, 2]);
  });
});
