import { describe, expect, it } from "vitest";
import { OPTIONS } from "./config.ts";
import { toFlagName, toVariableName } from "./names.ts";
import { resolveOptions } from "./resolve-options.ts";

describe("resolveOptions", () => {
  it("prefers flags to the environment, the environment to the file, and the file to defaults", () => {
    const file = { name: "tepal.config.json", values: { port: 1, host: "a", oodPolicy: "reject" } };
    const environment = { TEPAL_PORT: "2", TEPAL_HOST: "b" };
    const config = resolveOptions(OPTIONS, { file, environment, flags: { port: "3" } });
    expect(config).toMatchObject({ port: 3, host: "b", oodPolicy: "reject", maxBatchRows: 10_000 });
  });

  it("lists every problem of every source, each with the name that the user wrote", () => {
    const file = { name: "c.json", values: { oodPolicy: "maybe", prot: 1, loadVersions: 1.5 } };
    const environment = { TEPAL_OOD_ALPHA: "1", TEPAL_MAX_BATCH_ROWS: "many" };
    const resolve = (): unknown =>
      resolveOptions(OPTIONS, { file, environment, flags: { port: "70000", host: "" } });
    expect(resolve).toThrow(
      [
        "7 invalid options:",
        '--host: Expected a non-empty string, got "".',
        '--port: Expected an integer from 0 to 65535, got "70000".',
        "c.json: loadVersions: Expected an integer from 1 to 1000, got 1.5.",
        'TEPAL_MAX_BATCH_ROWS: Expected an integer from 1 to 1000000, got "many".',
        'TEPAL_OOD_ALPHA: Expected a number > 0 and < 1, got "1".',
        'c.json: oodPolicy: Expected one of: warn, reject, got "maybe".',
        'c.json: prot: Unknown option. Did you mean "port"?',
      ].join("\n  "),
    );
  });

  it("reads no number from blanks, words or null", () => {
    for (const port of [" ", "1e", "0x", null, true, [], Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => resolveOptions(OPTIONS, { flags: { port } })).toThrow("Invalid option --port:");
    }
    expect(resolveOptions(OPTIONS, { flags: { defaultModel: null } }).defaultModel).toBeNull();
  });

  it("reads a list from a string with commas or from a JSON array", () => {
    const read = (corsOrigins: unknown): readonly string[] =>
      resolveOptions(OPTIONS, { flags: { corsOrigins } }).corsOrigins;
    expect(read("https://a.example, http://b.example:81,")).toEqual([
      "https://a.example",
      "http://b.example:81",
    ]);
    expect(read(["https://a.example"])).toEqual(["https://a.example"]);
    expect(resolveOptions(OPTIONS, {}).corsOrigins).toEqual([]);
    expect(() => read(5)).toThrow("--cors-origins: Expected a list of strings, got 5.");
    expect(() => read(["*", 5])).toThrow("--cors-origins/1: Expected a string, got 5.");
    expect(() => read("*,a.example")).toThrow(
      '--cors-origins: Expected an origin, for example https://shop.example, got "a.example". Write https://a.example.',
    );
  });

  it("does not take a property of every object for an option", () => {
    const values = JSON.parse('{"__proto__": 1, "toString": 2}') as Record<string, unknown>;
    expect(() => resolveOptions(OPTIONS, { file: { name: "c.json", values } })).toThrow(
      "c.json: __proto__: Unknown option.",
    );
  });
});

describe("the names of an option", () => {
  it("follow from its name in TypeScript", () => {
    expect(toFlagName("maxBatchRows")).toBe("max-batch-rows");
    expect(toVariableName("maxBatchRows")).toBe("TEPAL_MAX_BATCH_ROWS");
  });
});
