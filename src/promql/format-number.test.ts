import { describe, expect, it } from "vitest";
import { formatFloat, formatPlain, formatShort } from "./format-number.ts";

describe("formats numbers as Go does", () => {
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

  it.each([
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [-2, "-2"],
    [-0, "-0"],
    [123456.789, "123456.789"],
    [999_999, "999999"],
    [1_000_000, "1e+06"],
    [-1_234_567.5, "-1.2345675e+06"],
    [2 ** 63, "9.223372036854776e+18"],
    [-Infinity, "-Inf"],
    [NaN, "NaN"],
  ])("short: %d", (value, short) => {
    expect(formatShort(value)).toBe(short);
  });
});
