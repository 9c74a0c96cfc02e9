import { describe, expect, it } from "vitest";
import { LIGHT } from "./colours.ts";
import { parseDashboard, type Panel } from "./dashboard.ts";
import { toText } from "./display.ts";
import { nameTableValues, toInstantFrames, toRangeFrames } from "./frames.ts";
import { resolveFields } from "./resolve-fields.ts";
import { transform } from "./transform/transform.ts";

const panelOf = (given: object): Panel =>
  parseDashboard({ panels: [{ type: "timeseries", ...given }] }).panels[0]!;
const targetOf = (given: object) => panelOf({ targets: [{ expr: "up", ...given }] }).targets[0]!;
const vector = (...samples: readonly (readonly [object, string])[]) => ({
  resultType: "vector" as const,
  result: samples.map(([metric, value]) => ({ metric: { ...metric }, value: [1, value] as const })),
});

describe("frames", () => {
  it("of a range lie on one grid, with null where a sample is missing", () => {
    const [frame] = toRangeFrames(
      {
        resultType: "matrix",
        result: [
          {
            metric: { job: "a" },
            values: [
              [10, "1"],
              [30, "+Inf"],
              [40, "NaN"],
            ],
          },
        ],
      },
      targetOf({}),
      { from: 0, to: 40_000, stepMs: 10_000 },
    );
    expect(frame?.fields.map(({ values }) => values)).toEqual([
      [0, 10_000, 20_000, 30_000, 40_000],
      [null, 1, null, Infinity, Number.NaN],
    ]);
  });

  it.each([
    ["", ['up{a="1", b="2"}', "up"]],
    ["{{a}}/{{ b }}{{missing}}", ["1/2", "/"]],
    ["__auto", ['{__name__="up", a="1", b="2"}', '{__name__="up"}']],
  ])("are named by %j", (legendFormat, names) => {
    const result = vector([{ __name__: "up", a: "1", b: "2" }, "1"], [{ __name__: "up" }, "1"]);
    const frames = toInstantFrames(result, targetOf({ legendFormat }));
    expect(frames.map(({ name }) => name)).toEqual(
      legendFormat === "__auto" ? ['{a="1", b="2"}', "up"] : names,
    );
  });

  it("are named by their only label automatically", () => {
    const frames = toInstantFrames(
      vector([{ job: "a" }, "1"], [{ job: "b" }, "1"]),
      targetOf({ legendFormat: "__auto" }),
    );
    expect(frames.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("of histograms are sorted, and each bucket without the one below", () => {
    const bucket = (le: string, job: string, value: string) => [{ le, job }, value] as const;
    const frames = toInstantFrames(
      vector(
        bucket("+Inf", "a", "9"),
        bucket("0.5", "a", "2"),
        bucket("1", "a", "7"),
        bucket("1", "b", "3"),
      ),
      targetOf({ legendFormat: "{{job}} {{le}}", format: "heatmap" }),
    );
    expect(frames.map(({ name, fields }) => [name, fields[1]?.values])).toEqual([
      ["a 0.5", [2]],
      ["a 1", [5]],
      ["a +Inf", [2]],
      ["b 1", [3]],
    ]);
  });

  it("of tables are merged, ordered and renamed", () => {
    const tables = nameTableValues([
      ...toInstantFrames(
        vector([{ route: "/a" }, "1"], [{ route: "/b" }, "2"]),
        targetOf({ refId: "A", format: "table" }),
      ),
      ...toInstantFrames(
        vector([{ route: "/b" }, "0.5"]),
        targetOf({ refId: "B", format: "table" }),
      ),
    ]);
    const { frames, unknown } = transform(tables, [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          indexByName: { "Value #B": 1, route: 0 },
          renameByName: { route: "Route" },
        },
      },
      { id: "unheard", options: {} },
    ]);
    expect(
      frames[0]?.fields.map(({ displayName, name, values }) => [displayName ?? name, values]),
    ).toEqual([
      ["Route", ["/a", "/b"]],
      ["Value #B", [null, 0.5]],
      ["Value #A", [1, 2]],
    ]);
    expect(unknown).toEqual(["unheard"]);
  });

  it("get units and colors by series", () => {
    const frames = toInstantFrames(
      vector([{ job: "errors" }, "0.25"], [{ job: "all" }, "90"]),
      targetOf({ legendFormat: "{{job}}" }),
    );
    const panel = panelOf({
      fieldConfig: {
        defaults: { unit: "s" },
        overrides: [
          {
            matcher: { id: "byRegexp", options: "/err/" },
            properties: [{ id: "unit", value: "percentunit" }],
          },
        ],
      },
    });
    const shown = resolveFields(frames, panel, LIGHT).map(({ fields }) => fields[1]!);
    expect(
      shown.map(({ display, values, colour }) => [toText(display(values[0]!)), colour]),
    ).toEqual([
      ["25%", "#56a64b"],
      ["1.50 mins", "#e0b400"],
    ]);
  });
});
