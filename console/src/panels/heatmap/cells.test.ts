import { describe, expect, it } from "vitest";
import { DARK } from "../../grafana/colours.ts";
import type { Frame } from "../../grafana/frames.ts";
import { resolveFields } from "../../grafana/resolve-fields.ts";
import { calculateCells, toCells } from "./cells.ts";

function toShown(
  ...series: readonly (readonly [name: string, values: readonly (number | null)[]])[]
) {
  const frames = series.map(([name, values]): Frame => ({
    refId: "A",
    name,
    fields: [
      { name: "Time", type: "time", labels: {}, values: [0, 1_000] },
      { name: "Value", type: "number", labels: {}, values },
    ],
  }));
  return resolveFields(frames, { type: "heatmap", defaults: {}, overrides: [] }, DARK);
}

describe("the cells of a heat map", () => {
  it("are the buckets of a histogram by their bounds", () => {
    expect(toCells(toShown(["+Inf", [1, null]], ["0.5", [2, 3]]))).toEqual({
      times: [0, 1_000],
      base: 0,
      bounds: [0.5, Infinity],
      counts: [
        [2, 3],
        [1, null],
      ],
      max: 3,
    });
  });

  it("are counted from the values of series on demand", () => {
    const shown = toShown(["a", [1, 12]], ["b", [4, null]], ["c", [11, 13]]);
    const options = { calculation: { yBuckets: { mode: "size", value: "5" } } };
    expect(calculateCells(shown, options)).toEqual({
      times: [0, 1_000],
      base: 0,
      bounds: [5, 10, 15],
      counts: [
        [2, null],
        [null, null],
        [1, 2],
      ],
      max: 2,
    });
    expect(calculateCells(shown, {}).bounds.length).toBeGreaterThan(10);
    expect(calculateCells(toShown(["a", [null, Number.NaN]]), {}).max).toBe(0);
  });
});
