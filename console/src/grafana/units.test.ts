import { describe, expect, it } from "vitest";
import formats from "../../../test/fixtures/console/formats.json" with { type: "json" };
import { DARK } from "./colours.ts";
import { createDisplay, toText } from "./display.ts";
import { formatFromNow } from "./time-units.ts";
import { formatUnit } from "./units.ts";

/** Values with their text in Grafana's own formatters, version 12.4.10, by unit. */
const FACTS: readonly (readonly [string, readonly (readonly unknown[])[]])[] =
  Object.entries(formats);

describe("units", () => {
  it.each(FACTS)("%j agree with Grafana", (unit, cases) => {
    const ours = cases.map(([value, decimals]) => {
      const { prefix, text, suffix } = formatUnit(
        unit,
        Number(value),
        decimals as number | null,
        "utc",
      );
      return [value, decimals, `${prefix}${text}${suffix}`];
    });
    expect(ours).toEqual(cases);
  });

  // All other formats of the fixture are Grafana's.
  it.each([
    ["percent", Number.NaN, "NaN", "NaN%"],
    ["percentunit", Number.NaN, "NaN", "NaN%"],
    ["s", Number.NaN, "NaN", "NaN year"],
    ["ms", Number.NaN, "NaN", "NaN year"],
    ["reqps", Number.NaN, "NaN", "NaNundefined req/s"],
    ["ops", Number.NaN, "NaN", "NaNundefined ops/s"],
    ["reqps", Infinity, "∞ req/s", "∞undefined req/s"],
    ["reqps", -Infinity, "-∞ req/s", "-∞undefined req/s"],
    ["ops", Infinity, "∞ ops/s", "∞undefined ops/s"],
    ["ops", -Infinity, "-∞ ops/s", "-∞undefined ops/s"],
  ])("%s of %f is %s, where Grafana's formatter writes %s", (unit, value, ours, theirs) => {
    expect(toText(formatUnit(unit, value))).toBe(ours);
    expect(ours).not.toBe(theirs);
  });

  it("are not applied to missing values, which are empty", () => {
    for (const unit of [...Object.keys(formats), "dateTimeFromNow"]) {
      const display = createDisplay({
        config: { unit, custom: {} },
        type: "number",
        palette: DARK,
      });
      expect(toText(display(null))).toBe("");
    }
  });

  it("of the time since a moment are rounded in words", () => {
    const now = 1_700_000_000_000;
    const texts = [
      0,
      -44_000,
      -45_000,
      -150_000,
      -2_700_000,
      -75_600_000,
      -86_400_000 * 3,
      90_000,
      4e10,
    ].map((shift) => formatFromNow(now + shift, now));
    expect(texts).toEqual([
      "a few seconds ago",
      "a few seconds ago",
      "a minute ago",
      "3 minutes ago",
      "an hour ago",
      "21 hours ago",
      "3 days ago",
      "in 2 minutes",
      "in a year",
    ]);
  });
});
