import { describe, expect, it } from "vitest";
import { OPTIONS } from "./config.ts";
import { toFlagName, toVariableName } from "./names.ts";
import { findClosest, resolveOptions } from "./resolve-options.ts";

describe("resolveOptions", () => {
  it("takes flags before the environment before the file before defaults", () => {
    const file = { name: "tepal.config.json", values: { port: 1, host: "a", oodPolicy: "reject" } };
    const environment = { TEPAL_PORT: "2", TEPAL_HOST: "b" };
    const config = resolveOptions(OPTIONS, { file, environment, flags: { port: "3" } });
    expect(config).toMatchObject({ port: 3, host: "b", oodPolicy: "reject", maxBatchRows: 10_000 });
  });

  it("lists every problem of every source, each with the name the user wrote", () => {
    const file = { name: "c.json", values: { oodPolicy: "maybe", prot: 1, loadVersions: 1.5 } };
    const environment = { TEPAL_OOD_ALPHA: "1", TEPAL_MAX_BATCH_ROWS: "many" };
    const resolve = (): unknown =>
      resolveOptions(OPTIONS, { file, environment, flags: { port: "70000", host: "" } });
    expect(resolve).toThrow(
      [
        '--host is ""; a text is expected',
        '--port is "70000"; a whole number from 0 to 65535 is expected',
        "c.json: loadVersions is 1.5; a whole number from 1 to 1000 is expected",
        'TEPAL_MAX_BATCH_ROWS is "many"; a whole number from 1 to 1000000 is expected',
        'TEPAL_OOD_ALPHA is "1"; a number above 0 and below 1 is expected',
        'c.json: oodPolicy is "maybe"; one of warn, reject is expected',
        'c.json: prot is not an option; did you mean "port"?',
      ].join("\n"),
    );
  });

  it("reads no number from blanks, words or null", () => {
    for (const port of [" ", "1e", "0x", null, true, [], Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => resolveOptions(OPTIONS, { flags: { port } })).toThrow("--port");
    }
    expect(resolveOptions(OPTIONS, { flags: { model: null } }).model).toBeNull();
  });

  it("reads a list from a text with commas or from a JSON array, and names the item at fault", () => {
    const read = (corsOrigins: unknown): readonly string[] =>
      resolveOptions(OPTIONS, { flags: { corsOrigins } }).corsOrigins;
    expect(read("https://a.example, http://b.example:81,")).toEqual([
      "https://a.example",
      "http://b.example:81",
    ]);
    expect(read(["https://a.example"])).toEqual(["https://a.example"]);
    expect(resolveOptions(OPTIONS, {}).corsOrigins).toEqual([]);
    expect(() => read(5)).toThrow("--cors-origins is 5; texts with commas between them");
    expect(() => read(["*", 5])).toThrow('--cors-origins is ["*",5]; texts');
    expect(() => read("*,a.example")).toThrow('--cors-origins has "a.example": an origin begins');
  });

  it("does not take a name that every object has for an option", () => {
    const file = {
      name: "c.json",
      values: JSON.parse('{"__proto__": 1, "toString": 2}') as object,
    };
    expect(() =>
      resolveOptions(OPTIONS, { file: { ...file, values: { ...file.values } } }),
    ).toThrow("c.json: __proto__ is not an option");
  });
});

describe("names", () => {
  it("follow from the name in TypeScript", () => {
    expect(toFlagName("maxBatchRows")).toBe("max-batch-rows");
    expect(toVariableName("maxBatchRows")).toBe("TEPAL_MAX_BATCH_ROWS");
    expect(findClosest("modles", ["models", "model", "port"])).toBe("models");
    expect(findClosest("something", ["port"])).toBeUndefined();
  });
});
