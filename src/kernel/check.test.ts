import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { InputProblems, toInputError, type Parser } from "./check.ts";
import { list, object, optional, record, variant, withDefault } from "./check/containers.ts";
import { fromSchema } from "./check/schema.ts";
import {
  anyOf,
  baseUrl,
  boolean,
  duration,
  functionValue,
  integer,
  nullable,
  number,
  oneOf,
  refine,
  secret,
  string,
  url,
} from "./check/values.ts";

/** Returns the value, or the problems as lines. */
function read<T>(parser: Parser<T>, given: unknown, coerce = false): unknown {
  const problems = new InputProblems();
  const value = problems.read(parser, given, { at: "", coerce });
  const lines = problems.list.map(({ at, message }) => (at === "" ? message : `${at}: ${message}`));
  return lines.length === 0 ? value : lines.join("\n");
}

describe("parsers of values", () => {
  const range = integer({ min: 1, max: 100 });

  it.each<[string, Parser<unknown>, unknown, string]>([
    ["an integer", range, "abc", 'Expected an integer from 1 to 100, got "abc".'],
    ["an integer", range, 1.5, "Expected an integer from 1 to 100, got 1.5."],
    ["an integer", range, Number.NaN, "Expected an integer from 1 to 100, got NaN."],
    ["an integer", range, null, "Expected an integer from 1 to 100, got null."],
    ["an integer", range, undefined, "Missing. Expected an integer from 1 to 100."],
    ["an integer", integer({ min: 0 }), -1, "Expected an integer ≥ 0, got -1."],
    ["a number", number({ above: 0 }), 0, "Expected a number > 0, got 0."],
    ["a number", number({ above: 0, below: 1 }), 1, "Expected a number > 0 and < 1, got 1."],
    ["a number", number({ above: 0, max: 1 }), 2, "Expected a number > 0 and ≤ 1, got 2."],
    ["a number", number(), Infinity, "Expected a number, got Infinity."],
    ["a boolean", boolean(), "maybe", 'Expected true or false, got "maybe".'],
    ["a choice", oneOf(["a", "b"]), "c", 'Expected one of: a, b, got "c".'],
    ["a choice of one", oneOf(["a"]), "c", 'Expected "a", got "c".'],
    ["a string", string(), 5, "Expected a string, got 5."],
    ["a string", string({ minLength: 1 }), "", 'Expected a non-empty string, got "".'],
    [
      "a string",
      string({ pattern: "^[a-z]+$" }),
      "a1",
      'Expected a string that matches ^[a-z]+$, got "a1".',
    ],
    [
      "a string",
      string({ maxLength: 2 }),
      "abc",
      'Expected a string of 0 to 2 characters, got "abc".',
    ],
    ["a list", list(string()), 5, "Expected a list of strings, got 5."],
    ["a list", list(string()), ["a", 5], "/1: Expected a string, got 5."],
    [
      "a list",
      list(range, { minItems: 1 }),
      [],
      "Expected a list of at least 1 items, each an integer from 1 to 100, got 0.",
    ],
    [
      "a URL",
      url(),
      "localhost:8000",
      'Expected a URL, for example http://127.0.0.1:8000, got "localhost:8000".',
    ],
    [
      "a base URL",
      baseUrl(),
      "http://a/?b",
      'Expected a URL without query and password, for example http://127.0.0.1:8000, got "http://a/?b".',
    ],
    ["a nullable", nullable(range), "x", 'Expected an integer from 1 to 100, got "x".'],
    ["a function", functionValue(), { a: 1 }, 'Expected a function, got {"a":1}.'],
    [
      "anything of",
      anyOf<unknown>(oneOf(["sqrt", "all"]), range),
      0,
      "Expected one of: sqrt, all or an integer from 1 to 100, got 0.",
    ],
    [
      "a long value",
      boolean(),
      "x".repeat(200),
      `Expected true or false, got "${"x".repeat(99)}….`,
    ],
  ])("%s reports a wrong value: %#", (_name, parser, given, message) => {
    expect(read(parser, given)).toBe(message);
  });

  it("advise to leave out quotes", () => {
    expect(read(range, "5")).toBe(
      'Expected an integer from 1 to 100, got "5". Write the number without quotes.',
    );
    expect(read(boolean(), "true")).toBe(
      'Expected true or false, got "true". Write it without quotes.',
    );
  });

  it.each<[string, Parser<unknown>, unknown, unknown]>([
    ["a number", number(), "1.5", 1.5],
    ["a boolean", boolean(), "0", false],
    ["a boolean", boolean(), "true", true],
    ["a choice", oneOf([1, 2]), "2", 2],
    ["a list", list(range), " 1, 2,,", [1, 2]],
    ["a duration", duration(), "1h30m", 5_400],
    ["a duration", duration(), "0.5", 0.5],
    ["a nullable", nullable(range), "7", 7],
  ])("coerce a string to %s: %#", (_name, parser, given, value) => {
    expect(read(parser, given, true)).toEqual(value);
    expect(read(parser, value, true)).toEqual(value);
    expect(read(parser, value)).toEqual(value);
    expect(read(parser, given)).toContain("Expected");
  });

  it("describe a duration by its source", () => {
    const runTime = duration({ above: 0 });
    expect(read(runTime, "soon", true)).toBe(
      'Expected a duration > 0 s, for example 90s, 10m or 1h30m, got "soon".',
    );
    expect(read(runTime, 0, false)).toBe("Expected a number of seconds > 0, got 0.");
  });

  it("accept null where it is allowed, and return a base URL without a slash", () => {
    expect(read(nullable(range), null)).toBeNull();
    expect(read(baseUrl(), "http://a:1/")).toBe("http://a:1");
    expect(read(baseUrl(), "HTTP://A:80/b/c//")).toBe("http://a/b/c");
    for (const wrong of ["http://u@a", "http://u:p@a", "http://a#b", "ftp://a", "a:1"]) {
      expect(read(baseUrl(), wrong)).toContain("Expected");
    }
  });

  it("keep secrets out of messages, also in lists", () => {
    const hidden =
      "Expected a URL, for example http://127.0.0.1:8000, got a value that is not shown because it may be a secret.";
    expect(read(secret(url()), "s3cret")).toBe(hidden);
    expect(read(list(secret(url())), "s3cret", true)).toBe(hidden);
    expect(read(list(secret(url())), { a: "s3cret" })).not.toContain("s3cret");
  });

  it("add conditions", () => {
    const even = refine(range, (value) =>
      value % 2 === 0 ? undefined : "Expected an even number.",
    );
    expect(read(even, 4)).toBe(4);
    expect(read(even, 3)).toBe("Expected an even number.");
    expect(read(even, 0)).toContain("from 1 to 100");
  });
});

describe("parsers of objects", () => {
  const parser = object({
    users: integer({ min: 1 }),
    rate: withDefault(number({ min: 0 }), 10),
    tags: optional(list(string())),
  });

  it("fill in defaults and leave out absent fields", () => {
    expect(read(parser, { users: 2 })).toEqual({ users: 2, rate: 10 });
    expect(read(parser, { users: 2, rate: 0, tags: ["a"] })).toEqual({
      users: 2,
      rate: 0,
      tags: ["a"],
    });
  });

  it("report every problem at its JSON pointer", () => {
    expect(read(parser, { "a/b": 1, user: 1, rate: -1, tags: [1] })).toBe(
      [
        "/a~1b: Unknown field. Expected one of: users, rate, tags.",
        '/user: Unknown field. Did you mean "users"?',
        "/users: Missing. Expected an integer ≥ 1.",
        "/rate: Expected a number ≥ 0, got -1.",
        "/tags/0: Expected a string, got 1.",
      ].join("\n"),
    );
    expect(read(parser, [])).toBe("Expected an object, got [].");
  });

  it("do not read fields that every object inherits", () => {
    expect(read(object({ toString: string() }), {})).toContain("/toString: Missing.");
    expect(read(record(integer()), JSON.parse('{"__proto__": "x"}'))).toContain(
      "/__proto__: Expected",
    );
  });

  it("read an object by the field that names its kind", () => {
    const profile = variant<unknown>(
      "kind",
      new Map<string, Parser<unknown>>([
        ["users", object({ kind: oneOf(["users"]), users: integer() })],
        ["rate", object({ kind: oneOf(["rate"]), rate: number() })],
      ]),
    );
    expect(read(profile, { kind: "rate", rate: 5 })).toEqual({ kind: "rate", rate: 5 });
    expect(read(profile, { kind: "rate", users: 5 })).toBe(
      "/users: Unknown field. Expected one of: kind, rate.\n/rate: Missing. Expected a number.",
    );
    expect(read(profile, { kind: "wave" })).toBe(
      '/kind: Expected one of: users, rate, got "wave".',
    );
    expect(read(profile, {})).toBe("/kind: Missing. Expected one of: users, rate.");
  });
});

describe("fromSchema", () => {
  it.each<[string, Type.TSchema, unknown, string]>([
    [
      "an integer",
      Type.Integer({ minimum: 1, maximum: 100 }),
      0,
      "Expected an integer from 1 to 100, got 0.",
    ],
    ["a number", Type.Number({ exclusiveMinimum: 0 }), "x", 'Expected a number > 0, got "x".'],
    ["a string", Type.String({ minLength: 1 }), "", 'Expected a non-empty string, got "".'],
    [
      "a URL",
      Type.String({ format: "uri" }),
      "x",
      'Expected a URL, for example http://127.0.0.1:8000, got "x".',
    ],
    [
      "a duration",
      Type.Number({ format: "duration", minimum: 0 }),
      "x",
      'Expected a number of seconds ≥ 0, got "x".',
    ],
    [
      "literals",
      Type.Union([Type.Literal("a"), Type.Literal("b")]),
      "c",
      'Expected one of: a, b, got "c".',
    ],
    ["an enum", Type.Enum(["a", "b"]), "c", 'Expected one of: a, b, got "c".'],
    [
      "null or a number",
      Type.Union([Type.Number(), Type.Null()]),
      "x",
      'Expected a number, got "x".',
    ],
    ["a list", Type.Array(Type.String()), [1], "/0: Expected a string, got 1."],
    [
      "a record",
      Type.Record(Type.String(), Type.Number()),
      { a: "x" },
      '/a: Expected a number, got "x".',
    ],
    [
      "an object",
      Type.Object({ users: Type.Integer() }, { additionalProperties: false }),
      { user: 1 },
      '/user: Unknown field. Did you mean "users"?\n/users: Missing. Expected an integer.',
    ],
    [
      "a union of objects",
      Type.Union([
        Type.Object({ kind: Type.Literal("users"), users: Type.Integer() }),
        Type.Object({
          kind: Type.Union([Type.Literal("stress"), Type.Literal("gradual")]),
          seconds: Type.Number(),
        }),
      ]),
      { kind: "gradual", seconds: "x" },
      '/seconds: Expected a number, got "x".',
    ],
  ])("reports a wrong value of %s: %#", (_name, schema, given, message) => {
    expect(read(fromSchema(schema), given)).toBe(message);
  });

  it("fills in defaults, allows optional fields and leaves out unknown ones", () => {
    const schema = Type.Object({
      rate: Type.Number({ default: 5 }),
      name: Type.Optional(Type.String()),
      seconds: Type.Union([Type.Number({ format: "duration" }), Type.Null()], { default: null }),
    });
    expect(read(fromSchema(schema), { other: 1 })).toEqual({ rate: 5, seconds: null });
    expect(read(fromSchema(schema), { rate: "6", seconds: "2m" }, true)).toEqual({
      rate: 6,
      seconds: 120,
    });
  });

  it("throws for a keyword that it would ignore", () => {
    expect(() => fromSchema(Type.String({ contentEncoding: "x" }))).toThrow(
      "keyword contentEncoding",
    );
    expect(() => fromSchema(Type.String({ format: "email" }))).toThrow("format email");
    expect(() => fromSchema(Type.Object({ a: Type.Number({ multipleOf: 2 }) }))).toThrow(
      "multipleOf",
    );
    expect(() => fromSchema(Type.BigInt())).toThrow('type "bigint"');
  });
});

describe("InputProblems", () => {
  it("reports the same problem with the same message for every source", () => {
    const rate = fromSchema(Type.Number({ minimum: 0, maximum: 1_000 }));
    const problems = new InputProblems();
    problems.read(rate, "-1", { at: "--rate", coerce: true });
    problems.read(rate, "-1", { at: "TEPAL_RATE", coerce: true });
    problems.read(number({ min: 0, max: 1_000 }), "-1", { at: "form field rate", coerce: true });
    problems.read(object({ rate }), { rate: "-1" }, { at: "", coerce: true });
    problems.read(rate, "-1", { at: "tepal.config.json: rate", coerce: true });
    const message = 'Expected a number from 0 to 1000, got "-1".';
    expect(problems.list).toEqual(
      ["--rate", "TEPAL_RATE", "form field rate", "/rate", "tepal.config.json: rate"].map((at) => ({
        at,
        message,
      })),
    );
    expect(() => problems.throwIfAny("INVALID_PLAN", "field")).toThrow(
      expect.objectContaining({ code: "INVALID_PLAN", problems: problems.list }),
    );
    const json = new InputProblems();
    json.read(object({ rate }), { rate: -1 }, { at: "" });
    expect(json.list).toEqual([
      { at: "/rate", message: "Expected a number from 0 to 1000, got -1." },
    ]);
  });

  it("throws nothing without problems", () => {
    const problems = new InputProblems();
    expect(problems.read(optional(string()), undefined, { at: "--x" })).toBeUndefined();
    problems.throwIfAny("INVALID_OPTION", "option");
  });

  it("composes a message of one problem or of several", () => {
    const one = { at: "--max-depth", message: "Expected an integer ≥ 0, got -1." };
    expect(toInputError("INVALID_OPTION", "option", [one]).message).toBe(
      "Invalid option --max-depth: Expected an integer ≥ 0, got -1.",
    );
    expect(toInputError("INVALID_PLAN", "load test", [{ ...one, at: "" }]).message).toBe(
      "Invalid load test: Expected an integer ≥ 0, got -1.",
    );
    const other = { at: "TEPAL_PORT", message: "Missing." };
    expect(toInputError("INVALID_OPTION", "option", [one, other]).message).toBe(
      "2 invalid options:\n  --max-depth: Expected an integer ≥ 0, got -1.\n  TEPAL_PORT: Missing.",
    );
  });
});
