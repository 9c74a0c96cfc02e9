import { expect, test } from "vitest";
import { createCalibrationBudget } from "./calibration-budget.ts";

test("spends 8e6 multiplications at once and 4e7 per second after that, however much is demanded", () => {
  let now = 0;
  const clock = { nowMs: () => now * 1_000, monotonicSeconds: () => now };
  const budget = createCalibrationBudget(clock);
  let spent = 0;
  const demand = (operations: number): boolean => {
    const isAllowed = budget.spend(operations);
    if (isAllowed) spent += operations;
    return isAllowed;
  };
  while (demand(1e6));
  expect(spent).toBe(8e6);
  for (; now < 10; now += 0.001) demand(1e6);
  expect(spent).toBeGreaterThan(8e6 + 9.9 * 4e7);
  expect(spent).toBeLessThan(9e6 + 10 * 4e7);
});

test("counts small calibrations as 5e4 multiplications", () => {
  const budget = createCalibrationBudget({ nowMs: () => 0, monotonicSeconds: () => 0 });
  let count = 0;
  while (budget.spend(1)) count += 1;
  expect(count).toBe(160);
});
