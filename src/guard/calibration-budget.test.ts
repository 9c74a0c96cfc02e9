import { expect, test } from "vitest";
import { createCalibrationBudget } from "./calibration-budget.ts";

test("spends 20 ms at once and 100 ms per second after that, however much is demanded", () => {
  let now = 0;
  const clock = { nowMs: () => now * 1_000, monotonicSeconds: () => now };
  const budget = createCalibrationBudget(clock);
  let spent = 0;
  const calibrate = (): string => {
    now += 0.004;
    spent += 0.004;
    return "done";
  };
  expect(budget.run(calibrate)).toBe("done");
  while (budget.run(calibrate) !== undefined);
  expect(spent).toBeCloseTo(0.024, 9);
  const begun = now;
  while (now < begun + 10) if (budget.run(calibrate) === undefined) now += 0.001;
  expect(spent).toBeGreaterThan(0.98);
  expect(spent).toBeLessThan(1.05);
});
