import { describe, expect, it } from "vitest";
import { LIGHT } from "../grafana/colours.ts";
import { resolveFields } from "../grafana/resolve-fields.ts";
import { clampShare, listBlends, listCells, toBarMode, toGradient } from "./bar-colours.ts";

const STEPS = [
  { value: null, color: "green" },
  { value: 50, color: "orange" },
  { value: 80, color: "red" },
];

/** Returns a field of one value, with limits of 0 and 100. */
function toField(value: number, defaults: object) {
  const [frame] = resolveFields(
    [
      {
        refId: "A",
        name: "a",
        fields: [{ name: "Value", type: "number", labels: {}, values: [value] }],
      },
    ],
    { type: "bargauge", defaults: { min: 0, max: 100, ...defaults }, overrides: [] },
    LIGHT,
  );
  return frame!.fields[0]!;
}

function blend(value: number, defaults: object) {
  const field = toField(value, defaults);
  return listBlends(field, field.display(value), LIGHT);
}

const thresholds = { mode: "absolute", steps: STEPS };

describe("a bar with a gradient", () => {
  it("has the colors of the thresholds that its value reaches", () => {
    expect(blend(30, { thresholds })).toEqual([
      [0, "#56a64b"],
      [0.3, "#56a64b"],
    ]);
    expect(blend(97, { thresholds })).toEqual([
      [0, "#56a64b"],
      [0.25, "#56a64b"],
      [0.65, "#ff780a"],
      [0.97, "#e02f44"],
    ]);
  });

  it("places thresholds in percent between the limits", () => {
    const stops = blend(150, { max: 200, thresholds: { mode: "percentage", steps: STEPS } });
    expect(stops.map(([at]) => at)).toEqual([0, 0.25, 0.75]);
  });

  it("places thresholds between limits that do not begin at zero", () => {
    expect(blend(100, { min: 50, max: 150, thresholds })).toEqual([
      [0, "#56a64b"],
      [0, "#56a64b"],
      [0.15, "#ff780a"],
      [0.5, "#e02f44"],
    ]);
  });

  it("has the colors of a scale over the whole track", () => {
    expect(blend(62, { color: { mode: "continuous-GrYlRd" } })).toEqual([
      [0, "#56a64b"],
      [0.5, "#f2cc0c"],
      [1, "#e02f44"],
    ]);
  });

  it("has one color without thresholds and scales", () => {
    expect(blend(40, { color: { mode: "fixed", fixedColor: "blue" } })).toEqual([
      [0, "#3274d9"],
      [0.4, "#3274d9"],
    ]);
  });
});

describe("a bar of cells", () => {
  it("has the color of the value at each cell", () => {
    const colours = listCells(toField(10, { thresholds })).map(([, colour]) => colour);
    expect(colours).toHaveLength(80);
    expect(["#56a64b", "#ff780a", "#e02f44"].map((each) => colours.indexOf(each))).toEqual([
      0, 40, 64,
    ]);
  });

  it("has the color of the value in the middle of each cell, between its limits", () => {
    const field = toField(100, { min: 49, max: 149, thresholds });
    // Cells of 2.5: the first one is from 49 to 51.5, the thirteenth from 79 to 81.5.
    expect(listCells(field).findIndex(([, colour]) => colour === "#e02f44")).toBe(24);
    expect(listCells(field)[0]).toEqual([0, "#ff780a"]);
  });
});

describe("the background of a bar", () => {
  it("stretches the part of the gradient that it covers", () => {
    expect(
      toGradient(
        [
          [0, "red"],
          [0.2, "blue"],
        ],
        0.5,
        false,
      ),
    ).toBe("linear-gradient(to right, red 0%, blue 40%)");
    expect(
      toGradient(
        [
          [0, "red"],
          [1, "blue"],
        ],
        1,
        true,
      ),
    ).toBe("linear-gradient(to top, red 0%, blue 100%)");
  });

  it("has a gradient unless the panel states another mode", () => {
    expect([undefined, "gradient", "basic", "lcd"].map(toBarMode)).toEqual([
      "gradient",
      "gradient",
      "basic",
      "lcd",
    ]);
  });

  it("ends at the limits, also without a value", () => {
    expect([-0.2, 0.4, 1.7, Number.NaN].map(clampShare)).toEqual([0, 0.4, 1, 0]);
  });
});
