import { expect, it } from "vitest";
import { sumSeries } from "./sum-series.ts";

it("adds up the series of a metric that have the labels", () => {
  const exposition = [
    "# TYPE a_total counter",
    'a_total{route="/a",status="200"} 3',
    'a_total{route="/a",status="422"} 1.5',
    'a_total{route="/b, \\"c\\"",status="200"} 4',
    'a_total_other{route="/a"} 100',
    "b 7 1700000000",
  ].join("\n");
  expect(sumSeries(exposition, "a_total")).toBe(8.5);
  expect(sumSeries(exposition, "a_total", { route: "/a" })).toBe(4.5);
  expect(sumSeries(exposition, "a_total", { route: "/a", status: "422" })).toBe(1.5);
  expect(sumSeries(exposition, "b")).toBe(7);
  expect(sumSeries(exposition, "a_total", { route: "/x" })).toBeNaN();
});
