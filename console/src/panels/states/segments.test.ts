import { describe, expect, it } from "vitest";
import { DARK } from "../../grafana/colours.ts";
import { resolveFields } from "../../grafana/resolve-fields.ts";
import { listLines } from "../time-series/columns.ts";
import { listStates, toSegments } from "./segments.ts";

const TIMES = [0, 10, 20, 30, 40];

function lineOf(values: readonly (number | null)[], defaults: Readonly<Record<string, unknown>>) {
  const fields = [
    { name: "Time", type: "time", labels: {}, values: TIMES },
    { name: "Value", type: "number", labels: {}, values },
  ] as const;
  const panel = { type: "state-timeline", defaults, overrides: [] };
  return listLines(resolveFields([{ refId: "A", name: "up", fields }], panel, DARK))[0]!;
}

const MAPPED = {
  mappings: [
    {
      type: "value",
      options: { 0: { text: "down", color: "red" }, 1: { text: "up", color: "green" } },
    },
  ],
};

describe("the states of a line", () => {
  it("hold until the next sample, the last until the end; gaps have none", () => {
    const line = lineOf([1, 1, null, 0, 0], MAPPED);
    expect(toSegments(line, 50, true).map(({ from, to, text }) => [from, to, text])).toEqual([
      [0, 20, "up"],
      [30, 50, "down"],
    ]);
    expect(toSegments(line, 50, false)).toHaveLength(4);
    expect(listStates([toSegments(line, 50, true)])).toEqual([
      { text: "up", colour: "#73bf69" },
      { text: "down", colour: "#f2495c" },
    ]);
  });

  it("are the ranges of thresholds", () => {
    const thresholds = {
      mode: "absolute",
      steps: [
        { value: null, color: "green" },
        { value: 80, color: "red" },
      ],
    };
    const line = lineOf([1, 2, 79, 80, 95], {
      unit: "percent",
      thresholds,
      color: { mode: "thresholds" },
    });
    expect(toSegments(line, 50, true).map(({ from, to, text }) => [from, to, text])).toEqual([
      [0, 30, "< 80%"],
      [30, 50, "80%+"],
    ]);
  });
});
