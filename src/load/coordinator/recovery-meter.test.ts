import { describe, expect, it } from "vitest";
import { measureRecovery } from "./recovery-meter.ts";

describe("measureRecovery", () => {
  const points = (...p95: (number | null)[]) =>
    p95.map((p95_ms, i) => ({ elapsed_seconds: i + 1, p95_ms }));

  it("counts the seconds until p95 stays within 1.2 times the baseline for three seconds", () => {
    expect(measureRecovery(10, 3, points(10, 90, 90, 80, 50, 12, 11, 12, 10))).toBe(3);
    expect(measureRecovery(10, 3, points(10, 90, 90, 80, 11, 50, 12, 11, 12))).toBe(4);
    expect(measureRecovery(10, 1, points(10, 10, 10, 10))).toBe(1);
  });

  it("returns null if p95 never does, or no request succeeded", () => {
    expect(measureRecovery(10, 1, points(10, 13, 12.1, 90, 50, 12, 11))).toBeNull();
    expect(measureRecovery(10, 1, points(10, null, null, null, null))).toBeNull();
    expect(measureRecovery(10, 1, points(10, 10, null, 10, 10))).toBeNull();
  });
});
