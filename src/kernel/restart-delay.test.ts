import { describe, expect, it } from "vitest";
import { createRestartDelay } from "./restart-delay.ts";

describe("the restart delay of a worker", () => {
  it("doubles after three quick ends, up to 30 seconds", () => {
    const delay = createRestartDelay();
    const seconds = Array.from({ length: 10 }, () => {
      delay.ended(1, 0.5);
      return delay.next(1).seconds;
    });
    expect(seconds).toEqual([0.05, 0.05, 0.05, 1, 2, 4, 8, 16, 30, 30]);
  });

  it("counts failed starts too, and each worker by itself", () => {
    const delay = createRestartDelay();
    for (let i = 0; i < 3; i++) delay.next(1);
    expect(delay.next(1)).toEqual({ seconds: 1, ends: 4, isLong: true });
    expect(delay.next(2)).toEqual({ seconds: 0.05, ends: 1, isLong: false });
  });

  it("starts again after a worker has served for more than ten seconds", () => {
    const delay = createRestartDelay();
    for (let i = 0; i < 4; i++) delay.next(1);
    delay.ended(1, 11);
    expect(delay.next(1).ends).toBe(1);
  });
});
