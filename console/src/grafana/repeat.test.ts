import { describe, expect, it } from "vitest";
import { parseDashboard, toSections } from "./dashboard.ts";
import { interpolate, type Selection } from "./variables.ts";
import { repeatSections } from "./repeat.ts";

function repeat(panels: readonly object[], values: readonly string[]) {
  const { variables, panels: parsed } = parseDashboard({
    templating: { list: [{ type: "custom", name: "x", multi: true, includeAll: true }] },
    panels,
  });
  const options = ["a", "b", "c", "d", "e"].map((value) => ({ text: value, value }));
  const selection: Selection = new Map([["x", { variable: variables[0]!, options, values }]]);
  return repeatSections(toSections(parsed), selection);
}

const toPlaces = (sections: ReturnType<typeof repeat>) =>
  sections.flatMap(({ panels }) =>
    panels.map(({ key, grid: { x, y, w, h } }) => [key, x, y, w, h]),
  );
const grid = (x: number, y: number, w: number, h: number) => ({ gridPos: { x, y, w, h } });

describe("repeated panels", () => {
  it("stand beside each other, at most maxPerRow in a line, and push down what is below", () => {
    const panels = [
      { id: 1, type: "stat", repeat: "x", maxPerRow: 3, ...grid(0, 2, 6, 4) },
      { id: 2, type: "stat", ...grid(0, 6, 24, 5) },
      { id: 3, type: "stat", ...grid(0, 0, 24, 2) },
    ];
    expect(toPlaces(repeat(panels, ["$__all"]))).toEqual([
      ["3", 0, 0, 24, 2],
      ["1-a", 0, 2, 8, 4],
      ["1-b", 8, 2, 8, 4],
      ["1-c", 16, 2, 8, 4],
      ["1-d", 0, 6, 8, 4],
      ["1-e", 8, 6, 8, 4],
      ["2", 0, 10, 24, 5],
    ]);
    // Fewer values share the whole width.
    expect(toPlaces(repeat(panels, ["b", "d"])).slice(1, 3)).toEqual([
      ["1-b", 0, 2, 12, 4],
      ["1-d", 12, 2, 12, 4],
    ]);
  });

  it("stand below each other with the direction v", () => {
    const panels = [
      { id: 1, type: "stat", repeat: "x", repeatDirection: "v", ...grid(4, 0, 6, 4) },
      { id: 2, type: "stat", ...grid(0, 4, 24, 5) },
    ];
    expect(toPlaces(repeat(panels, ["a", "c"]))).toEqual([
      ["1-a", 4, 0, 6, 4],
      ["1-c", 4, 4, 6, 4],
      ["2", 0, 8, 24, 5],
    ]);
  });

  it("have one value of the variable each, also in the panels of a repeated row", () => {
    const sections = repeat(
      [
        { id: 1, type: "row", title: "Row of $x", repeat: "x", ...grid(0, 0, 24, 1) },
        { id: 2, type: "stat", ...grid(0, 1, 24, 4) },
      ],
      ["b.1", "c"],
    );
    expect(sections.map(({ key }) => key)).toEqual(["row-1-b.1", "row-1-c"]);
    const expr = sections.map(({ panels: [panel], selection, row }) => [
      interpolate(row!.title, selection, {}, "title"),
      interpolate('up{x=~"$x"}', panel!.selection, {}, "expression"),
    ]);
    expect(expr).toEqual([
      ["Row of b.1", String.raw`up{x=~"b\\.1"}`],
      ["Row of c", 'up{x=~"c"}'],
    ]);
  });

  it("have keys of their own where IDs are missing, and stay single without values", () => {
    const twice = [
      { type: "stat", ...grid(0, 0, 24, 4) },
      { type: "stat", repeat: "unknown", ...grid(0, 4, 24, 4) },
      { type: "stat", repeat: "x", ...grid(0, 8, 24, 4) },
    ];
    expect(toPlaces(repeat(twice, [])).map(([key]) => key)).toEqual(["0", "0~2", "0~3"]);
  });
});
