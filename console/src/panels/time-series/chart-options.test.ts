import { describe, expect, it } from "vitest";
import { LIGHT } from "../../grafana/colours.ts";
import { parseOverrides } from "../../grafana/field-config.ts";
import { resolveFields } from "../../grafana/resolve-fields.ts";
import { listLines } from "./columns.ts";
import { findDecimals, findLone } from "./chart-options.ts";
import { listRightLines } from "./scales.ts";

describe("values without a neighbor, which no line shows", () => {
  it.each([
    ["between two gaps", [1, null, 2, null, 3, 4], [0, 2]],
    ["at the ends", [1, null, null, 2], [0, 3]],
    ["the only one", [null, 5, null], [1]],
    ["none in a line", [1, 2, 3], []],
    ["none without values", [null, null], []],
    ["over times of other lines, which are no gaps", [1, undefined, 2, null, undefined, 3], [5]],
  ] as const)("%s", (_name, values, expected) => {
    expect(findLone(values)).toEqual(expected);
  });
});

describe("the decimals of ticks", () => {
  it("are those with which two ticks differ", () => {
    expect([0.5, 0.025, 2.5e-7].map(findDecimals)).toEqual([1, 3, 7]);
  });

  it("are those of each value between integers, whose units differ", () => {
    expect([1, 2 ** 28].map(findDecimals)).toEqual([undefined, undefined]);
  });
});

describe("the lines of the axis on the right", () => {
  const toLines = (...units: string[]) =>
    resolveFields(
      units.map((unit, index) => ({
        refId: "A",
        name: `${index}`,
        fields: [
          { name: "Time", type: "time", labels: {}, values: [1_000] },
          { name: unit, type: "number", labels: {}, values: [1] },
        ],
      })),
      {
        type: "timeseries",
        defaults: { unit: "short" },
        overrides: parseOverrides([
          { matcher: { id: "byName", options: "s" }, properties: [{ id: "unit", value: "s" }] },
        ]),
      },
      LIGHT,
    );

  it.each([
    [["short", "s", "short"], ["s"]],
    [["short", "short"], []],
    // The only axis is on the left.
    [["s"], []],
  ])("of %j are %j", (units, expected) => {
    const lines = listLines(toLines(...units));
    expect([...listRightLines(lines)].map(({ field }) => field.name)).toEqual(expected);
  });
});
