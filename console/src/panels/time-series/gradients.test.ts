import { describe, expect, it } from "vitest";
import { LIGHT } from "../../grafana/colours.ts";
import { resolveFields } from "../../grafana/resolve-fields.ts";
import { listSamples, listSteps, paintArea, paintLine } from "./gradients.ts";

/** Returns a line whose axis is from 0 to 100. */
function toField(defaults: object) {
  const [frame] = resolveFields(
    [
      {
        refId: "A",
        name: "a",
        fields: [{ name: "Value", type: "number", labels: {}, values: [1] }],
      },
    ],
    { type: "timeseries", defaults: { min: 0, max: 100, ...defaults }, overrides: [] },
    LIGHT,
  );
  return frame!.fields[0]!;
}

/** Paints on a chart whose plot of 100 rows begins 10 rows below its top. Returns the ends and the colors of the gradient. */
function draw(paint: ReturnType<typeof paintLine>) {
  const stops: (readonly [at: number, colour: string])[] = [];
  let ends: readonly number[] = [];
  const chart = {
    bbox: { top: 10, height: 100 },
    series: [{}, { scale: "short" }],
    posToVal: (row: number, scale: string) => (scale === "short" ? 110 - row : Number.NaN),
    ctx: {
      createLinearGradient(...given: readonly number[]) {
        ends = given;
        return { addColorStop: (at: number, colour: string) => void stops.push([at, colour]) };
      },
    },
  };
  paint?.(chart as never, 1);
  return { ends, stops };
}

const THRESHOLDS = {
  color: { mode: "thresholds" },
  thresholds: {
    mode: "absolute",
    steps: [
      { value: null, color: "green" },
      { value: 79.5, color: "red" },
    ],
  },
};
const FIXED = { color: { mode: "fixed", fixedColor: "blue" } };

describe("the gradient of a line", () => {
  it("has the color of each value on the axis, from above", () => {
    const field = toField(THRESHOLDS);
    const expected = [
      [0, "rgb(from #e02f44 r g b / 1)"],
      [0.205, "rgb(from #e02f44 r g b / 1)"],
      [0.205, "rgb(from #56a64b r g b / 1)"],
    ];
    expect(draw(paintLine("scheme", field, LIGHT))).toEqual({
      ends: [0, 10, 0, 110],
      stops: expected,
    });
    expect(draw(paintArea("scheme", field, 0.25, LIGHT)).stops).toEqual(
      expected.map(([at, colour]) => [at, String(colour).replace("/ 1", "/ 0.25")]),
    );
  });

  it("has the colors of a scale, from its end", () => {
    const { stops } = draw(
      paintLine("scheme", toField({ color: { mode: "continuous-GrYlRd" } }), LIGHT),
    );
    expect(stops).toHaveLength(32);
    expect([stops[0], stops.at(-1)]).toEqual([
      [0, "rgb(from rgb(224, 47, 68) r g b / 1)"],
      [1, "rgb(from rgb(86, 166, 75) r g b / 1)"],
    ]);
  });

  it("is none for a field of one color", () => {
    expect(paintLine("scheme", toField(FIXED), LIGHT)).toBeUndefined();
    expect(paintArea("scheme", toField(FIXED), 0.5, LIGHT)).toBeUndefined();
    expect(paintLine("opacity", toField(THRESHOLDS), LIGHT)).toBeUndefined();
    expect(paintArea("none", toField(THRESHOLDS), 0.5, LIGHT)).toBeUndefined();
  });

  it("fades out towards the axis", () => {
    expect(draw(paintArea("opacity", toField(FIXED), 0.5, LIGHT)).stops).toEqual([
      [0, "rgb(from #3274d9 r g b / 0.5)"],
      [1, "rgb(from #3274d9 r g b / 0)"],
    ]);
  });
});

describe("the colors of a gradient", () => {
  it("change at once where the color of a value does", () => {
    const colourAt = (share: number): string =>
      share < 0.35 ? "red" : share < 0.8 ? "orange" : "green";
    expect(listSteps(colourAt, 10)).toEqual([
      [0, "red"],
      [0.35, "red"],
      [0.35, "orange"],
      [0.75, "orange"],
      [0.75, "green"],
    ]);
  });

  it("are one color over values of one color", () => {
    expect(listSteps(() => "blue", 200)).toEqual([[0, "blue"]]);
  });

  it("are samples of a scale, with both of its ends", () => {
    expect(listSamples((share) => `${share * 100} %`, 5)).toEqual([
      [0, "0 %"],
      [0.25, "25 %"],
      [0.5, "50 %"],
      [0.75, "75 %"],
      [1, "100 %"],
    ]);
  });
});
