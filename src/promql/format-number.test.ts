import { describe, expect, it } from "vitest";
import { formatFloat, formatPlain, formatShort } from "./format-number.ts";

describe("numbers as Go writes them", () => {
  it.each([
    [0, "0", "0"],
    [-0, "-0", "-0"],
    [1, "1", "1"],
    [-0.25, "-0.25", "-0.25"],
    [0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"],
    [1e-6, "0.000001", "0.000001"],
    [1e-7, "1e-07", "0.0000001"],
    [-1.25e-7, "-1.25e-07", "-0.000000125"],
    [1e20, "100000000000000000000", "100000000000000000000"],
    [1e21, "1e+21", "1000000000000000000000"],
    [1.5e300, "1.5e+300", `15${"0".repeat(299)}`],
    [5e-324, "5e-324", `0.${"0".repeat(323)}5`],
    [123456.789, "123456.789", "123456.789"],
    [NaN, "NaN", "NaN"],
    [Infinity, "+Inf", "+Inf"],
    [-Infinity, "-Inf", "-Inf"],
  ])("%d", (value, float, plain) => {
    expect(formatFloat(value)).toBe(float);
    expect(formatPlain(value)).toBe(plain);
  });

  it("short ones with an exponent below 1e-4", () => {
    expect([0.0001, 0.00001, 2, 1e21].map(formatShort)).toEqual(["0.0001", "1e-05", "2", "1e+21"]);
  });
});
