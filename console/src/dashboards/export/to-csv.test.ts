import { describe, expect, it } from "vitest";
import { DARK } from "../../grafana/colours.ts";
import { parseDashboard } from "../../grafana/dashboard.ts";
import { toInstantFrames, toRangeFrames } from "../../grafana/frames.ts";
import { resolveFields } from "../../grafana/resolve-fields.ts";
import { toCsv } from "./to-csv.ts";

const [panel] = parseDashboard({
  panels: [
    {
      type: "timeseries",
      targets: [{ expr: "x", legendFormat: "{{a}}" }],
      fieldConfig: { defaults: { unit: "percentunit" } },
    },
  ],
}).panels;
const [target] = panel!.targets;

describe("the CSV of a panel", () => {
  it("has a column for each series beside the times, with values that are not rounded", () => {
    const result = {
      resultType: "matrix" as const,
      result: [
        { metric: { a: "one, two" }, values: [[0, "0.123456789"] as const, [10, "NaN"] as const] },
        { metric: { a: "=1+1" }, values: [[10, "+Inf"] as const] },
      ],
    };
    const frames = toRangeFrames(result, target!, { from: 0, to: 10_000, stepMs: 10_000 });
    expect(toCsv(resolveFields(frames, panel!, DARK))).toBe(
      [
        `Time,"one, two",'=1+1`,
        "1970-01-01T00:00:00.000Z,0.123456789,",
        "1970-01-01T00:00:10.000Z,NaN,Infinity",
        "",
      ].join("\r\n"),
    );
  });

  it("is the table of a table", () => {
    const result = {
      resultType: "vector" as const,
      result: [{ metric: { a: "x" }, value: [1, "2"] as const }],
    };
    const frames = toInstantFrames(result, { ...target!, format: "table" });
    expect(toCsv(resolveFields(frames, panel!, DARK))).toBe(
      "Time,a,Value\r\n1970-01-01T00:00:01.000Z,x,2\r\n",
    );
  });
});
