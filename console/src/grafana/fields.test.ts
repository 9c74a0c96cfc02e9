import { describe, expect, it } from "vitest";
import facts from "../../../test/fixtures/console/fields.json" with { type: "json" };
import { pickShade } from "./shades.ts";
import { DARK, LIGHT, pickByName, pickClassic, resolveColour } from "./colours.ts";
import { createDisplay, toText, type CellValue } from "./display.ts";
import { parseFieldConfig, parseOverrides, resolveConfig } from "./field-config.ts";
import { findStep, parseInterval, roundInterval } from "./interval.ts";
import { reduceValues } from "./reducers.ts";

/** Converts a value of the fixture, where values that JSON lacks are strings. */
const toValue = (value: unknown): CellValue =>
  value === "NaN" || value === "Infinity" ? Number(value) : (value as CellValue);

describe("values of fields agree with Grafana", () => {
  it.each(
    facts.display.map(
      ({ type, config, cases }) => [JSON.stringify(config), type, config, cases] as const,
    ),
  )("%s", (_name, type, config, cases) => {
    const display = createDisplay({
      config: parseFieldConfig(config),
      type: type === "string" ? "string" : "number",
      palette: DARK,
    });
    const ours = cases.map(([value, decimals]) => {
      const shown = display(toValue(value), typeof decimals === "number" ? decimals : undefined);
      return [toText(shown), shown.colour.toUpperCase(), shown.numeric];
    });
    expect(ours).toEqual(
      cases.map(([, , text, colour, numeric]) => [
        text,
        String(colour).toUpperCase(),
        toValue(numeric),
      ]),
    );
  });
});

describe("reducers agree with Grafana", () => {
  it.each(facts.reducers.map((row) => [JSON.stringify(row.values), row] as const))(
    "%s",
    (_name, { values, ...expected }) => {
      const given = values.map((value) => toValue(value) as number | null);
      const ours = Object.keys(expected).map((reducer) => [reducer, reduceValues(reducer, given)]);
      expect(Object.fromEntries(ours)).toEqual(
        Object.fromEntries(
          Object.entries(expected).map(([reducer, value]) => [reducer, toValue(value)]),
        ),
      );
    },
  );
});

describe("intervals agree with Grafana", () => {
  it("are rounded", () => {
    for (const { belowMs, valueMs } of facts.rounding) {
      expect(roundInterval((belowMs ?? 1e12) - 1)).toBe(valueMs);
    }
  });

  it("have a minimum", () => {
    for (const { hours, maxDataPoints, low, intervalMs } of facts.intervals) {
      const range = { from: 0, to: hours * 3_600_000 };
      expect(findStep({ range, maxDataPoints, timeInterval: parseInterval(low) }).stepMs).toBe(
        intervalMs,
      );
    }
  });

  it("give steps and $__rate_interval", () => {
    for (const { rangeMs, stepMs, rateIntervalMs, ...given } of facts.steps) {
      const step = findStep({
        range: { from: 0, to: rangeMs },
        maxDataPoints: given.maxDataPoints,
        timeInterval: given.timeIntervalMs,
        minStep: given.minStepMs,
        panelInterval: given.panelIntervalMs,
        intervalFactor: given.intervalFactor,
      });
      expect([given, step]).toEqual([given, { stepMs, rateIntervalMs }]);
    }
  });
});

describe("colors agree with Grafana", () => {
  it.each([
    ["dark", facts.colors.dark, DARK],
    ["light", facts.colors.light, LIGHT],
  ] as const)("of the %s theme", (_name, { names, palette }, theme) => {
    for (const [name, hex] of Object.entries(names)) {
      expect([name, resolveColour(name, theme).toUpperCase()]).toEqual([name, hex]);
    }
    expect(palette.map((_, index) => pickClassic(index, theme).toUpperCase())).toEqual(palette);
  });

  it("by name", () => {
    for (const [name, hex] of Object.entries(facts.colors.byNameExamplesDark)) {
      expect([name, pickByName(name, DARK).toUpperCase()]).toEqual([name, hex]);
    }
  });
});

describe("the shades of a color agree with Grafana", () => {
  // The first eleven series of a panel with the color mode "shades", dark theme.
  it.each([
    ["yellow", "fade2a fff339 f9d30d ffff48 e3b905 ffff57 c69c05 ffff65 a98004 ffff74 8c6703"],
    ["green", "73bf69 80ce78 62b654 8cdd87 57a647 99ec96 4e913e a4faa4 457c35 b3ffb5 3b672c"],
    ["blue", "5794f2 669fff 3b87f0 75a9ff 207cee 84b4ff 1173de 92beff 0f6ac3 a1c8ff 0d5fa7"],
    ["#123456", "123456 214165 0d263d 304e74 081825 3f5b83 03080c 4d6791 000000 5c75a0 000000"],
    ["#ffffff", "ffffff ffffff f0f0f0 ffffff e1e1e1 ffffff d2d2d2 ffffff c3c3c3 ffffff b5b5b5"],
  ])("%s", (colour, shades) => {
    const config = parseFieldConfig({ color: { mode: "shades", fixedColor: colour } });
    const expected = shades.split(" ").map((hex) => `#${hex}`);
    const ours = expected.map(
      (_each, index) => createDisplay({ config, type: "number", palette: DARK, index })(1).colour,
    );
    expect(ours).toEqual(expected);
    // They begin again.
    expect(pickShade(expected[0]!, 12)).toBe(expected[1]);
  });
});

describe("overrides", () => {
  const match = { type: "number", refId: "A", reduce: () => 7 };
  const override = (id: string, options: unknown, value: unknown) => ({
    matcher: { id, options },
    properties: [{ id: "unit", value }],
  });
  const resolve = (
    overrides: readonly object[],
    name = "errors",
    defaults: object = { unit: "s" },
  ) => resolveConfig({ ...defaults }, parseOverrides(overrides), { ...match, names: [name] });

  it("apply downwards, the later over the earlier, and null removes", () => {
    const overrides = [override("byName", "errors", "ms"), override("byRegexp", "/^err/", "bytes")];
    expect(resolve(overrides).unit).toBe("bytes");
    expect(resolve(overrides, "others").unit).toBe("s");
    expect(resolve([...overrides, override("byType", "number", null)]).unit).toBeUndefined();
  });

  it("match whole names by a bare expression, frames by query, and values", () => {
    expect(resolve([override("byRegexp", "err", "ms")]).unit).toBe("s");
    expect(resolve([override("byRegexp", "err.*", "ms")]).unit).toBe("ms");
    expect(resolve([override("byFrameRefID", "A", "ms")]).unit).toBe("ms");
    expect(resolve([override("byNames", { mode: "exclude", names: ["x"] }, "ms")]).unit).toBe("ms");
    expect(resolve([override("byValue", { reducer: "max", op: "gte", value: 7 }, "ms")]).unit).toBe(
      "ms",
    );
    expect(resolve([override("byValue", { reducer: "max", op: "gt", value: 7 }, "ms")]).unit).toBe(
      "s",
    );
  });

  it("put lists before those there, and change options of the panel type", () => {
    const mapping = (text: string) => ({ type: "value", options: { "1": { text } } });
    const { mappings, custom } = resolve(
      [
        {
          matcher: { id: "byName", options: "errors" },
          properties: [
            { id: "mappings", value: [mapping("first")] },
            { id: "custom.lineWidth", value: 3 },
          ],
        },
      ],
      "errors",
      { mappings: [mapping("second")], custom: { lineWidth: 1, fillOpacity: 8 } },
    );
    expect(mappings?.map((each) => each.type === "value" && each.options["1"]?.text)).toEqual([
      "first",
      "second",
    ]);
    expect(custom).toEqual({ lineWidth: 3, fillOpacity: 8 });
  });

  it("leave the base of thresholds at minus infinity", () => {
    const config = parseFieldConfig({
      color: { mode: "thresholds" },
      thresholds: {
        steps: [
          { value: null, color: "green" },
          { value: -5, color: "red" },
        ],
      },
    });
    const display = createDisplay({ config, type: "number", palette: DARK });
    expect([display(-10), display(-5)].map(({ colour }) => colour)).toEqual(["#73bf69", "#f2495c"]);
  });
});
