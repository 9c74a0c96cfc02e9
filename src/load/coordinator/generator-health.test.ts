import { expect, it } from "vitest";
import { Histogram } from "../generator/histogram.ts";
import { GeneratorHealth } from "./generator-health.ts";

const createInterval = (usersByClass: readonly number[], utilisation: number) => ({
  seconds: 1,
  users: usersByClass.reduce((a, b) => a + b, 0),
  usersByClass: [...usersByClass],
  endpoints: [],
  exceptions: [],
  lateness: new Histogram().toCounts(),
  utilisation,
  cpuSeconds: 0.5,
  memoryBytes: 10,
  dropped: 2,
});

it("adds up the running generators, and counts an unresponsive one as busy", () => {
  const health = new GeneratorHealth();
  health.add(createInterval([3, 1], 0.2), 0);
  health.add(createInterval([2, 0], 0.4), 1);
  expect(health.users).toBe(6);
  expect(health.countUsers(["A", "B"])).toEqual({ A: 5, B: 1 });
  expect(health.endSecond()).toMatchObject({ dropped: 4, utilisation: 0.4 });
  health.forget(0);
  expect(health.users).toBe(2);
  health.addUnresponsive();
  expect(health.endSecond()).toMatchObject({ dropped: 0, utilisation: 1 });
  expect(health.report(2, [], null)).toMatchObject({
    memory_bytes: 10,
    cpu_seconds: 1,
    dropped: 4,
  });
  health.reset();
  expect(health.report(2, [], "broken")).toMatchObject({ dropped: 0, overloaded: "broken" });
});
