import { describe, expect, it } from "vitest";
import { LIGHT } from "../../grafana/colours.ts";
import { parseDashboard } from "../../grafana/dashboard.ts";
import type { Frame } from "../../grafana/frames.ts";
import { resolveFields } from "../../grafana/resolve-fields.ts";
import { listBands, listLegendLines, listLines, toColumns } from "./columns.ts";

type Values = readonly (number | null)[];

type Series = readonly [name: string, times: Values, values: Values];

function toLines(custom: object, ...series: readonly Series[]) {
  return listLines(toFrames(custom, ...series));
}

function toFrames(custom: object, ...series: readonly Series[]) {
  const frames = series.map(([name, times, values]): Frame => ({
    refId: "A",
    name,
    fields: [
      { name: "Time", type: "time", labels: {}, values: times },
      { name: "Value", type: "number", labels: {}, values },
    ],
  }));
  const { panels } = parseDashboard({
    panels: [
      {
        type: "timeseries",
        fieldConfig: {
          defaults: { custom },
          overrides: [
            {
              matcher: { id: "byName", options: "hidden" },
              properties: [{ id: "custom.hideFrom", value: { viz: true } }],
            },
            {
              matcher: { id: "byName", options: "down" },
              properties: [{ id: "custom.transform", value: "negative-Y" }],
            },
          ],
        },
      },
    ],
  });
  return resolveFields(frames, panels[0]!, LIGHT);
}

const TIMES = [0, 1_000, 2_000];

describe("columns of a chart", () => {
  it("have gaps for values that cannot be drawn, and keep them for the tooltip", () => {
    const lines = toLines(
      {},
      ["a", TIMES, [1, Infinity, Number.NaN]],
      ["down", TIMES, [1, null, 3]],
    );
    expect(toColumns(lines)).toEqual({
      seconds: [0, 1, 2],
      drawn: [
        [1, null, null],
        [-1, null, -3],
      ],
      raw: [
        [1, Infinity, Number.NaN],
        [1, null, 3],
      ],
    });
  });

  it("share the times of all lines; a line has no gap between its own", () => {
    const lines = toLines({}, ["a", [0, 2_000], [1, 2]], ["b", [1_000], [3]]);
    expect(toColumns(lines)).toMatchObject({
      seconds: [0, 1, 2],
      // uPlot draws over undefined, and breaks a line at null.
      drawn: [
        [1, undefined, 2],
        [undefined, 3, undefined],
      ],
    });
  });

  it("add up in a stack, in which a gap is 0 if another line has a value", () => {
    const stacking = { stacking: { mode: "normal", group: "A" } };
    const lines = toLines(
      stacking,
      ["a", TIMES, [1, null, null]],
      ["b", TIMES, [2, 3, null]],
      ["down", TIMES, [5, 5, 5]],
    );
    expect(toColumns(lines).drawn).toEqual([
      [1, 0, null],
      [3, 3, null],
      [-5, -5, -5],
    ]);
    expect(listBands(lines)).toEqual([[1, 0]]);
  });

  it("are shares in a stack of percents", () => {
    const lines = toLines(
      { stacking: { mode: "percent" } },
      ["a", TIMES, [1, 0, null]],
      ["b", TIMES, [3, 0, null]],
    );
    expect(toColumns(lines).drawn).toEqual([
      [0.25, 0, null],
      [1, 0, null],
    ]);
  });

  it("leave out hidden fields, which keep their color", () => {
    const lines = toLines({}, ["hidden", TIMES, [1, 1, 1]], ["shown", TIMES, [2, 2, 2]]);
    expect(lines.map(({ title, field }) => [title, field.colour])).toEqual([["shown", "#e0b400"]]);
  });

  it("are connected over gaps that are shorter than a limit", () => {
    const [line] = toLines({ spanNulls: 2_500 }, [
      "a",
      [0, 1_000, 2_000, 3_000, 4_000, 5_000],
      [1, null, 3, null, null, 6],
    ]);
    expect(toColumns([line!]).drawn).toEqual([[1, undefined, 3, null, null, 6]]);
  });

  it("stack lines below 0 downwards, by themselves", () => {
    const stacking = { stacking: { mode: "normal", group: "A" } };
    const lines = toLines(
      stacking,
      ["a", TIMES, [1, 2, 3]],
      ["b", TIMES, [-1, -1, 0]],
      ["c", TIMES, [1, 1, 1]],
      ["down", TIMES, [2, 2, 2]],
    );
    expect(toColumns(lines).drawn).toEqual([
      [1, 2, 3],
      [-1, -1, 0],
      [2, 3, 4],
      [-3, -3, -2],
    ]);
  });

  it("do not stack lines with lines of another group", () => {
    const total = {
      matcher: { id: "byName", options: "total" },
      properties: [{ id: "custom.stacking", value: { mode: "normal", group: false } }],
    };
    const stacking = { stacking: { mode: "normal", group: "A" } };
    const { panels } = parseDashboard({
      panels: [
        { type: "timeseries", fieldConfig: { defaults: { custom: stacking }, overrides: [total] } },
      ],
    });
    const frames = ["total", "a", "b"].map((name): Frame => ({
      refId: "A",
      name,
      fields: [
        { name: "Time", type: "time", labels: {}, values: TIMES },
        { name: "Value", type: "number", labels: {}, values: [1, 1, 1] },
      ],
    }));
    expect(toColumns(listLines(resolveFields(frames, panels[0]!, LIGHT))).drawn).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });

  it("have a band down to another line", () => {
    const lines = toLines(
      { fillBelowTo: "min" },
      ["max", TIMES, [3, 3, 3]],
      ["min", TIMES, [1, 1, 1]],
    );
    expect(listBands(lines.slice(0, 1))).toEqual([]);
    expect(listBands(lines)[0]).toEqual([0, 1]);
  });

  it("keep lines that were hidden by a click for the legend", () => {
    const frames = toFrames({}, ["hidden", TIMES, [1, 1, 1]], ["a", TIMES, [2, 2, 2]]);
    const lines = listLines(frames);
    expect(lines.map(({ title }) => title)).toEqual(["a"]);
    expect(listLegendLines(frames).map(({ title }) => title)).toEqual(["hidden", "a"]);
  });
});
