import { describe, expect, it } from "vitest";
import formats from "../../../test/fixtures/console/formats.json" with { type: "json" };
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

  it("are never applied to values that are not numbers", () => {
    for (const unit of ["s", "reqps", "bytes", "percent"]) {
      expect(formatUnit(unit, Number.NaN)).toEqual({ prefix: "", text: "NaN", suffix: "" });
    }
    expect(formatUnit("reqps", Infinity)).toEqual({ prefix: "", text: "∞", suffix: " req/s" });
  });
});
