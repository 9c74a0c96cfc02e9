import { describe, expect, it } from "vitest";
import { listMetrics, searchMetrics } from "./metrics-data.ts";

const ROWS = listMetrics(
  ["up", "delay_seconds_bucket", "hits_total", "gone"],
  new Map([
    ["up", 2],
    ["hits_total", 2],
    ["delay_seconds_bucket", 12],
  ]),
  {
    hits_total: [{ type: "counter", help: "Requests to the server" }],
    delay_seconds: [{ type: "histogram", help: "Delay" }],
  },
);

describe("the metrics browser", () => {
  it("lists the metrics with most series first, with type and help", () => {
    expect(ROWS).toEqual([
      { name: "delay_seconds_bucket", type: "histogram", help: "Delay", series: 12 },
      { name: "hits_total", type: "counter", help: "Requests to the server", series: 2 },
      { name: "up", type: "", help: "", series: 2 },
      { name: "gone", type: "", help: "", series: 0 },
    ]);
  });

  it.each([
    ["", 4],
    ["TOTAL", 1],
    ["server requests", 1],
    ["server delay", 0],
    ["delay", 1],
  ])("finds %j in names and help", (search, count) => {
    expect(searchMetrics(ROWS, search).length).toBe(count);
  });
});
