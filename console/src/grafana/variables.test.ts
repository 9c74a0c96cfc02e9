import { describe, expect, it } from "vitest";
import { parseDashboard, type Variable } from "./dashboard.ts";
import {
  interpolate,
  keepSelection,
  listOwnOptions,
  parseOptionQuery,
  toOptions,
  type Selection,
} from "./variables.ts";

const variable = (given: object): Variable =>
  parseDashboard({ templating: { list: [{ type: "query", name: "x", ...given }] } }).variables[0]!;

function select(given: object, options: readonly string[], values: readonly string[]): Selection {
  const made = variable(given);
  const list = options.map((value) => ({ text: value.toUpperCase(), value }));
  return new Map([[made.name, { variable: made, options: list, values }]]);
}

const MANY = { multi: true, includeAll: true };
const ALL = ["$__all"];

describe("variables in expressions", () => {
  it.each([
    [MANY, ["a.b", "c"], String.raw`{x=~"(a\\.b|c)"}`],
    [MANY, ["a.b"], String.raw`{x=~"a\\.b"}`],
    [MANY, ALL, String.raw`{x=~"(a\\.b|c)"}`],
    [{ ...MANY, allValue: ".+" }, ALL, `{x=~".+"}`],
    [{}, ["a.b"], `{x=~"a.b"}`],
    [{}, ["a\\b"], String.raw`{x=~"a\\b"}`],
  ])("%j with %j", (given, values, text) => {
    const selection = select(given, ["a.b", "c"], values);
    for (const reference of ["$x", "${x}", "[[x]]"]) {
      expect(interpolate(`{x=~"${reference}"}`, selection, {}, "expression")).toBe(text);
    }
  });

  it.each([
    ["csv", "a,b"],
    ["pipe", "a|b"],
    ["regex", "(a|b)"],
    ["glob", "{a,b}"],
    ["json", '["a","b"]'],
    ["text", "A + B"],
    ["queryparam", "var-x=a&var-x=b"],
    ["percentencode", "%7Ba%2Cb%7D"],
    ["singlequote", "'a','b'"],
    ["doublequote", '"a","b"'],
    ["unheard", "{a,b}"],
  ])("have the format %s", (format, text) => {
    expect(interpolate(`\${x:${format}}`, select(MANY, ["a", "b"], ["a", "b"]), {})).toBe(text);
  });

  it("are text in titles, and unknown ones stay", () => {
    const selection = select({ ...MANY, allValue: ".+" }, ["a", "b"], ALL);
    expect(interpolate("$x of $y", selection, {}, "title")).toBe("All of $y");
    expect(interpolate("${x:text} ${x:csv} ${x:queryparam}", selection, {})).toBe(
      "All .+ var-x=%24__all",
    );
  });
});

describe("options of variables", () => {
  it.each([
    ["label_names()", { kind: "labels" }],
    ["label_values(job)", { kind: "values", label: "job", selector: "" }],
    ["label_values({}, job)", { kind: "values", label: "job", selector: "" }],
    [
      'label_values(up{a="1", b="2"}, job)',
      { kind: "values", label: "job", selector: 'up{a="1", b="2"}' },
    ],
    ["query_result(sum(up))", { kind: "result", expr: "sum(up)" }],
    ["metrics(api_.*)", { kind: "metrics", pattern: "api_.*" }],
    ["up", { kind: "series", selector: "up" }],
  ])("of %s", (query, expected) => {
    expect(parseOptionQuery(query)).toEqual(expected);
  });

  it("are extracted and sorted", () => {
    const values = ["n10:80", "n2:80", "m"];
    const list = (given: object) => toOptions(values, variable(given)).map(({ value }) => value);
    expect(list({ regex: "/(.*):80/" })).toEqual(["n10", "n2"]);
    expect(list({ regex: "n.*" })).toEqual(["n10:80", "n2:80"]);
    expect(list({ sort: 1 })).toEqual(["m", "n10:80", "n2:80"]);
    expect(list({ sort: 3 })).toEqual(["m", "n2:80", "n10:80"]);
    expect(list({ sort: 8 })).toEqual(["n10:80", "n2:80", "m"]);
    const [named] = toOptions(["a=1"], variable({ regex: "/(?<text>.*)=(?<value>.*)/" }));
    expect(named).toEqual({ text: "a", value: "1" });
  });

  it("are listed in custom and interval variables", () => {
    const range = { from: 0, to: 3_600_000 };
    const custom = variable({ type: "custom", query: String.raw`a, b\,c, label : value` });
    expect(listOwnOptions(custom, range)).toEqual([
      { text: "a", value: "a" },
      { text: "b,c", value: "b,c" },
      { text: "label", value: "value" },
    ]);
    const interval = variable({ type: "interval", query: "1m,5m", auto: true, auto_count: 30 });
    expect(listOwnOptions(interval, range)[0]).toEqual({ text: "auto", value: "2m" });
  });

  it("keep what is still possible of a selection", () => {
    const options = ["a", "b"].map((value) => ({ text: value, value }));
    expect(keepSelection(variable({}), options, ["gone"])).toEqual(["a"]);
    expect(keepSelection(variable({ multi: true }), options, ["b", "gone"])).toEqual(["b"]);
    expect(keepSelection(variable(MANY), options, ALL)).toEqual(ALL);
    // All is the first option.
    expect(keepSelection(variable(MANY), options, ["gone"])).toEqual(ALL);
    const interval = variable({ type: "interval", query: "1m", auto: true });
    const own = listOwnOptions(interval, { from: 0, to: 3_600_000 });
    expect(keepSelection(interval, own, ["$__auto_interval_x"])).toEqual(["2m"]);
  });
});
