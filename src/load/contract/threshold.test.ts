import { describe, expect, it } from "vitest";
import { Histogram } from "../generator/histogram.ts";
import { evaluateThreshold, findThresholdProblem, parseThreshold } from "./threshold.ts";

function measure(expression: string, seconds: readonly number[], failures = 0) {
  const time = new Histogram();
  for (const value of seconds) time.record(value);
  const requests = seconds.length + failures;
  return evaluateThreshold(parseThreshold(expression), {
    requests,
    failures,
    requestsPerSecond: requests / 10,
    time,
  });
}

const HUNDRED = Array.from({ length: 100 }, (_, i) => (i + 1) / 1_000);

describe("thresholds", () => {
  it("measure percentiles, mean, minimum and maximum in milliseconds", () => {
    expect(measure("p(95)<96", HUNDRED)).toMatchObject({ passed: true });
    expect(measure("p(95)<94", HUNDRED)).toMatchObject({ passed: false });
    expect(measure("p(95)<94", HUNDRED).actual).toBeCloseTo(95, 0);
    expect(measure("p(99.9) <= 100", HUNDRED)).toMatchObject({ actual: 100, passed: true });
    expect(measure("max<100", HUNDRED)).toMatchObject({ actual: 100, passed: false });
    expect(measure("min>=1", HUNDRED)).toMatchObject({ actual: 1, passed: true });
    expect(measure("mean<51", HUNDRED).actual).toBeCloseTo(50.5, 6);
  });

  it("measure failures as a share, and requests per second", () => {
    expect(measure("failures<0.01", HUNDRED, 1)).toMatchObject({ actual: 1 / 101, passed: true });
    expect(measure("failures<0.01", HUNDRED, 2)).toMatchObject({ passed: false });
    expect(measure("rps>100", HUNDRED)).toMatchObject({ actual: 10, passed: false });
  });

  it("apply to the endpoint before the colon", () => {
    expect(parseThreshold("predict:p(95)<50").endpoint).toBe("predict");
    expect(parseThreshold("GET http://x:80/a : failures < 0.5").endpoint).toBe("GET http://x:80/a");
    expect(parseThreshold("p(95)<50").endpoint).toBeNull();
  });

  it("are crossed if nothing was measured", () => {
    expect(measure("p(95)<50", [])).toMatchObject({ actual: null, passed: false });
    expect(measure("failures<0.5", [])).toMatchObject({ actual: null, passed: false });
    expect(evaluateThreshold(parseThreshold("x:mean<1"), undefined)).toMatchObject({
      passed: false,
    });
  });

  it("are rejected with the expression and an example", () => {
    for (const expression of [
      "",
      "p95<50",
      "p(95)",
      "p(95)=5",
      "median<5",
      "p(0)<5",
      "p(101)<5",
      "failures<1.5",
      "p(95)<x",
      "mean<1.2.3",
    ]) {
      expect(findThresholdProblem(expression)).toMatch(/^Expected .*, got ".*"\./);
      expect(() => parseThreshold(expression)).toThrow(/^Expected /);
    }
    expect(findThresholdProblem("p(95)<50")).toBeUndefined();
  });
});
