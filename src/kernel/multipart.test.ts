import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TepalError } from "./errors.ts";
import { parseMultipartForm } from "./multipart.ts";

const TYPE = "multipart/form-data; boundary=x";

function toBody(...parts: readonly string[]): Buffer {
  return Buffer.from([...parts.map((part) => `--x\r\n${part}\r\n`), "--x--\r\n"].join(""));
}

const field = (name: string, value: string): string =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;

describe("parseMultipartForm", () => {
  it("returns the fields in order, repeated names too", () => {
    const body = toBody(field("match[]", "up"), field("q", "a\r\nb=ü&"), field("match[]", ""));
    expect([...parseMultipartForm(body, TYPE)]).toEqual([
      ["match[]", "up"],
      ["q", "a\r\nb=ü&"],
      ["match[]", ""],
    ]);
  });

  it("skips files", () => {
    const file =
      'Content-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx';
    const fields = parseMultipartForm(toBody(file, field("a", "1")), TYPE);
    expect([...fields]).toEqual([["a", "1"]]);
  });

  it.each(['multipart/form-data; boundary="x"', "Multipart/Form-Data;charset=utf-8; Boundary=x"])(
    "accepts the type %s",
    (type) => {
      expect([...parseMultipartForm(toBody(field("a", "1")), type)]).toEqual([["a", "1"]]);
    },
  );

  it.each([
    ["text around the parts", `before\r\n--x\r\n${field("a", "1")}\r\n--x--\r\nafter`],
    ["no line end after the last part", `--x\r\n${field("a", "1")}\r\n--x--`],
    ["spaces after a boundary", `--x \t\r\n${field("a", "1")}\r\n--x--`],
    ["a name without quotes", `--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--`],
    [
      "further headers",
      `--x\r\nContent-Type: text/plain\r\nCONTENT-DISPOSITION:form-data;name="a"\r\nX-B: c\r\n\r\n1\r\n--x--`,
    ],
  ])("accepts %s", (_what, body) => {
    expect([...parseMultipartForm(Buffer.from(body), TYPE)]).toEqual([["a", "1"]]);
  });

  it("keeps values that look like a boundary, and empty forms", () => {
    const value = "x\r\n-x\r\n -- x--";
    expect(parseMultipartForm(toBody(field("a", value)), TYPE).get("a")).toBe(value);
    expect([...parseMultipartForm(toBody(), TYPE)]).toEqual([]);
  });

  it("returns what a browser's form sends", async () => {
    const name = fc.stringMatching(/^[\w[\].-]{1,9}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.string({ unit: "grapheme" }))),
        async (entries) => {
          const form = new FormData();
          for (const [key, value] of entries) form.append(key, value);
          const sent = new Response(form);
          const body = Buffer.from(await sent.arrayBuffer());
          const fields = parseMultipartForm(body, sent.headers.get("content-type")!);
          // A form sends each line end as CR LF.
          expect([...fields]).toEqual(
            entries.map(([key, value]) => [key, value.replaceAll(/\r\n|\r|\n/g, "\r\n")]),
          );
        },
      ),
    );
  });

  it("rejects a body that is cut anywhere", () => {
    const whole = toBody(field("a", "1"), field("b", "2"));
    for (let length = 0; length < whole.length - 4; length++) {
      expect(() => parseMultipartForm(whole.subarray(0, length), TYPE)).toThrow(TepalError);
    }
  });

  it.each([
    ["no boundary", "multipart/form-data", toBody(field("a", "1")), "boundary"],
    ["another boundary", "multipart/form-data; boundary=y", toBody(field("a", "1")), "--y"],
    ["a part without a name", TYPE, toBody("\r\n1"), "part 1"],
    ["a part without headers", TYPE, toBody(field("a", "1"), ""), "part 2"],
    [
      "too many parts",
      TYPE,
      toBody(...Array.from({ length: 1_001 }, () => field("a", "1"))),
      "1000 parts",
    ],
  ])("rejects a body with %s", (_what, type, body, message) => {
    const parse = (): unknown => parseMultipartForm(body, type);
    expect(parse).toThrow(TepalError);
    expect(parse).toThrow(message);
  });

  it("accepts a thousand parts", () => {
    const parts = Array.from({ length: 1_000 }, () => field("a", "1"));
    expect(parseMultipartForm(toBody(...parts), TYPE).getAll("a")).toHaveLength(1_000);
  });
});
