import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDuplicateKeys, parseStrictJson } from "./json-text.ts";

function parse(text: string): ReturnType<typeof parseStrictJson> {
  return parseStrictJson(Buffer.from(text), text);
}

/** JSON with any keys and strings, such as `__proto__`, quotes, backslashes and colons. */
const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 1.5, 0, 'a": {', "\\", '\\"', ":", "[", "ä€😀"),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom("a", "b", "1", "__proto__", '"', "\\", "a/b~c"), fc.string()),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
}));

describe("parseStrictJson", () => {
  it("parses what JSON.parse parses, if no key stands twice", () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom(0, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        // Not compared with JSON.parse, which confuses escaped keys (see below).
        expect(parse(text)).toEqual({ value });
        expect(findDuplicateKeys(text)).toEqual([]);
      }),
    );
  });

  it("finds a key that stands twice, wherever the object is and however the key is written", () => {
    const around = fc.array(fc.constantFrom("array", "object"), { maxLength: 8 });
    fc.assert(
      fc.property(anyJson, anyJson, around, fc.boolean(), (first, second, levels, isEscaped) => {
        const key = isEscaped ? '"\\u0061"' : '"a"';
        let text = `{"a": ${JSON.stringify(first)}, "b": [1], ${key}: ${JSON.stringify(second)}}`;
        let pointer = "/a";
        for (const level of levels) {
          text = level === "array" ? `[{"c": 0}, ${text}]` : `{"c": "{", "d/e": ${text}}`;
          pointer = `${level === "array" ? "/1" : "/d~1e"}${pointer}`;
        }
        expect(parse(text)).toEqual({
          reason: "duplicate fields",
          problems: [{ at: pointer, message: "Expected 1 field of this name, got 2." }],
        });
      }),
    );
  });

  it("reads escaped keys after any earlier JSON, which V8 does not", () => {
    const keys = [
      '"\\n"',
      '"\\u0061"',
      '"gr\\u00f6\\u00dfe"',
      String.raw`"ab\""`,
      '"\\ud83d\\ude00"',
    ];
    for (const [i, written] of keys.entries()) {
      const key: string = JSON.parse(written);
      // As many characters of the escaped text as the key has.
      const confused = JSON.stringify(written.slice(1, 1 + key.length));
      for (const other of [confused, String.raw`"\\"`]) {
        const first = `"first ${i} ${other.length}"`;
        parse(`{${first}: 1, ${other}: 1}`);
        const text = `[{${first}: -0, ${written}: [1e3, "\\n", {"__proto__": null}]}, true]`;
        expect(parse(text)).toEqual({
          value: [
            Object.fromEntries<unknown>([
              [JSON.parse(first), -0],
              [key, [1_000, "\n", Object.fromEntries([["__proto__", null]])]],
            ]),
            true,
          ],
        });
      }
    }
  });

  it("builds values with escaped keys and long strings", () => {
    const value = { "\n": 'x"'.repeat(8_000_000), b: [] };
    const text = JSON.stringify(value);
    expect(parseStrictJson(Buffer.from(text), text, 2 * text.length)).toEqual({ value });
  });

  it("counts how often a key stands, lists at most 20, and shortens long ones", () => {
    expect(parse('{"a": 1, "a": 2, "a": 3, "b": {"__proto__": 1, "__proto__": 2}}')).toMatchObject({
      problems: [
        { at: "/b/__proto__", message: "Expected 1 field of this name, got 2." },
        { at: "/a", message: "Expected 1 field of this name, got 3." },
      ],
    });
    const many = Array.from({ length: 50 }, (_, i) => `"k${i % 25}": ${i}`).join(",");
    expect(findDuplicateKeys(`{${many}}`)).toHaveLength(20);
    const long = JSON.stringify("x".repeat(100_000));
    expect(findDuplicateKeys(`{${long}: 1, ${long}: 2}`)[0]?.at).toHaveLength(202);
  });

  it("rejects more than 64 nested levels before it parses them", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(parse(nested(64))).toHaveProperty("value");
    expect(parse(nested(65))).toMatchObject({ problems: [{ at: "" }] });
    // Text that JSON.parse would reject: nothing after the limit is read.
    expect(parse("[".repeat(1_000))).toMatchObject({ reason: "too many nested levels" });
    const wider = `{${Array.from({ length: 20_001 }, (_, i) => `"${i}":[]`).join()}}`;
    expect(parseStrictJson(Buffer.from(wider), wider, 16 * 1_048_576)).toMatchObject({
      reason: "too many different keys",
    });
    const flat = `[${Array.from({ length: 1_000 }, () => "[[]]").join(",")}]`;
    expect(parse(flat)).toHaveProperty("value");
  });

  it("throws what JSON.parse throws", () => {
    for (const text of ["", "{", '{"a": 1,}', '"', "[1", "nul"]) {
      expect(() => parse(text)).toThrow(SyntaxError);
    }
  });
});

describe("JSON with many values", () => {
  const MANY = { reason: "too many values" };

  it.each([
    ["[],", 200],
    ["{},", 200],
    ['{"a":0},', 100],
    ["[[[]]],", 70],
  ])("of %s is rejected before it is parsed", (piece, times) => {
    const within = `[${piece.repeat(times).slice(0, -1)}]`;
    expect(parseStrictJson(Buffer.from(within), within, 32 * 1_024)).toHaveProperty("value");
    const above = `[${piece.repeat(times * 10)}`;
    // It is not valid JSON either, which only parsing would find.
    expect(parseStrictJson(Buffer.from(above), above, 32 * 1_024)).toMatchObject(MANY);
  });

  it("counts keys of one object, and no strings and numbers", () => {
    const keys = Array.from({ length: 1_030 }, (_, i) => `"${i}":0`);
    const wide = `{${keys.join()}}`;
    expect(parseStrictJson(Buffer.from(wide), wide, 1_000)).toMatchObject(MANY);
    expect(parseStrictJson(Buffer.from(wide), wide, 1_031 * 32)).toHaveProperty("value");
    const wider = `{${Array.from({ length: 20_001 }, (_, i) => `"${i}":[]`).join()}}`;
    expect(parseStrictJson(Buffer.from(wider), wider, 16 * 1_048_576)).toMatchObject({
      reason: "too many different keys",
    });
    const flat = `[${'0,"[{:",'.repeat(5_000)}0]`;
    expect(parseStrictJson(Buffer.from(flat), flat, 1_000)).toHaveProperty("value");
  });
});
