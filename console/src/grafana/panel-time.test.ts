import { describe, expect, it } from "vitest";
import { toPanelTime } from "./panel-time.ts";

const HOUR = 3_600_000;
const range = { from: 99 * HOUR, to: 100 * HOUR };
const live = { from: "now-1h", to: "now" };
const toTime = (given: object, raw = live) =>
  toPanelTime({ timeFrom: "", timeShift: "", hidesTime: false, ...given }, range, raw, (text) =>
    text.replace("$span", "2h"),
  );

describe("the time of a panel", () => {
  it.each([
    [{}, [99, 100], ""],
    [{ timeFrom: "$span" }, [98, 100], "Last 2h"],
    [{ timeFrom: "now-3h" }, [97, 100], "now-3h"],
    [{ timeShift: "$span" }, [97, 98], "2h earlier"],
    [{ timeFrom: "4h", timeShift: "1h" }, [95, 99], "Last 4h, 1h earlier"],
    [{ timeFrom: "4h", hidesTime: true }, [96, 100], ""],
    [{ timeFrom: "soon", timeShift: "-" }, [99, 100], ""],
  ])("of %j", (given, hours, text) => {
    const { range: own, text: shown } = toTime(given);
    expect([[own.from / HOUR, own.to / HOUR], shown]).toEqual([hours, text]);
  });

  it("is the page's after zooming, but for its shift", () => {
    const zoomed = { from: String(range.from), to: String(range.to) };
    expect(toTime({ timeFrom: "4h" }, zoomed).range).toEqual(range);
    expect(toTime({ timeShift: "1h" }, zoomed).range).toEqual({ from: 98 * HOUR, to: 99 * HOUR });
  });
});
