import { describe, expect, it } from "vitest";
import { parseAnnotations } from "./annotation-queries.ts";
import { toAnnotations } from "./annotations.ts";

const parse = (given: object) => parseAnnotations({ list: [given] });

function convert(given: object, values: readonly (readonly [number, string])[], stepMs = 10_000) {
  const [query] = parse({ expr: "x", ...given });
  const metric = { __name__: "x", alertname: "Slow", job: "api" };
  return toAnnotations({ resultType: "matrix", result: [{ metric, values }] }, query!, stepMs);
}

describe("annotations", () => {
  it("come from queries to Prometheus, of old and new dashboards", () => {
    expect(parse({ name: "Grafana", builtIn: 1, enable: true })).toEqual([]);
    expect(parse({ name: "Old", expr: "up == 0", step: "60s", tagKeys: "job, instance" })).toEqual([
      expect.objectContaining({ step: "60s", tagKeys: ["job", "instance"], isEnabled: true }),
    ]);
    const target = { expr: "up", interval: "30s" };
    expect(parse({ name: "New", target, enable: false, hide: true })).toEqual([
      expect.objectContaining({ expr: "up", step: "30s", isEnabled: false, isShown: false }),
    ]);
  });

  it("join samples above 0 that follow each other to a region", () => {
    const format = { titleFormat: "{{alertname}} {{absent}}", textFormat: "of {{ job }}" };
    const samples = [10, 20, 30, 60].map((at) => [at, "1"] as const);
    expect(convert({ ...format, tagKeys: "job" }, [...samples, [70, "0"], [80, "NaN"]])).toEqual([
      {
        from: 10_000,
        to: 30_000,
        title: "Slow absent",
        text: "of api",
        tags: ["api"],
        colour: "red",
      },
      {
        from: 60_000,
        to: 60_000,
        title: "Slow absent",
        text: "of api",
        tags: ["api"],
        colour: "red",
      },
    ]);
  });

  it("stand once at the times that are values", () => {
    const at = [
      [10, "5000"],
      [20, "5000"],
      [30, "7000"],
      [40, "NaN"],
    ] as const;
    const found = convert({ useValueForTime: true, iconColor: "blue" }, at);
    expect(found.map(({ from, to, colour }) => [from, to, colour])).toEqual([
      [5_000, 5_000, "blue"],
      [7_000, 7_000, "blue"],
    ]);
  });
});
