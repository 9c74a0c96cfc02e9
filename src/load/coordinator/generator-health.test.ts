import { describe, expect, it } from "vitest";
import { Histogram } from "../generator/histogram.ts";
import type { Interval } from "../generator/interval.ts";
import { GeneratorHealth } from "./generator-health.ts";

const createInterval = (given: Partial<Interval> = {}): Interval => ({
  seconds: 1,
  users: 1,
  usersByClass: [1],
  endpoints: [],
  exceptions: [],
  lateness: toLateness(0, 0),
  utilisation: 0.2,
  cpuSeconds: 0.2,
  memoryBytes: 10,
  dropped: 2,
  ...given,
});

function toLateness(steps: number, seconds: number): Interval["lateness"] {
  const histogram = new Histogram();
  for (let i = 0; i < steps; i++) histogram.record(seconds);
  return histogram.toCounts();
}

/** Returns why a run with these seconds of one generator is invalid. */
function findCause(...intervals: Partial<Interval>[]) {
  const health = new GeneratorHealth();
  for (const [i, interval] of intervals.entries()) {
    health.add(createInterval(interval), 0);
    health.endSecond(i + 1, false);
  }
  return health.report(1, null).invalid;
}

const repeat = (count: number, interval: Partial<Interval>) =>
  Array.from({ length: count }, () => interval);

describe("the health of generators", () => {
  it("adds up the running generators, and counts an unresponsive one as busy", () => {
    const health = new GeneratorHealth();
    health.add(createInterval({ users: 4, usersByClass: [3, 1], utilisation: 0.2 }), 0);
    health.add(createInterval({ users: 2, usersByClass: [2, 0], utilisation: 0.4 }), 1);
    expect(health.users).toBe(6);
    expect(health.countUsers(["A", "B"])).toEqual({ A: 5, B: 1 });
    expect(health.endSecond(1, false)).toMatchObject({ dropped: 4, utilisation: 0.4 });
    health.forget(0);
    expect(health.users).toBe(2);
    health.addUnresponsive();
    expect(health.endSecond(2, false)).toMatchObject({ dropped: 0, utilisation: 1 });
    expect(health.report(2, null)).toMatchObject({
      memory_bytes: 10,
      cpu_seconds: 0.4,
      dropped: 4,
      utilisation_max: 1,
      utilisation_mean: 0.7,
    });
    health.reset();
    expect(health.report(2, "broken")).toMatchObject({
      dropped: 0,
      invalid: { cause: "incomplete", message: "broken" },
    });
  });

  it("has no value where nothing was measured", () => {
    const health = new GeneratorHealth();
    const nothing = { lateness_p99_ms: null, utilisation_max: null, utilisation_mean: null };
    expect(health.report(1, null)).toMatchObject({ ...nothing, memory_bytes: null, invalid: null });
    expect(health.endSecond(1, false)).toEqual({
      dropped: 0,
      lateness_p99_ms: null,
      utilisation: null,
    });
    health.add(createInterval(), 0);
    expect(health.endSecond(1.01, true).utilisation).toBeNull();
    expect(health.report(1, null)).toMatchObject(nothing);
  });
});

describe("an invalid run", () => {
  const busy = { utilisation: 0.99, cpuSeconds: 0.95 };
  const starved = { utilisation: 0.99, cpuSeconds: 0.3 };
  const idle = { utilisation: 0.1, cpuSeconds: 0.1 };

  it("has a generator that was busy for five seconds in a row", () => {
    expect(findCause(...repeat(4, busy), { ...busy, utilisation: 0.9 }, ...repeat(4, busy))).toBe(
      null,
    );
    const invalid = findCause(idle, ...repeat(5, busy), idle);
    expect(invalid?.cause).toBe("generator_overloaded");
    expect(invalid?.message).toMatch(/until 6 s.*Use more workers/);
  });

  it("has a machine without time for the generator", () => {
    const invalid = findCause(...repeat(5, starved));
    expect(invalid?.cause).toBe("machine_busy");
    expect(invalid?.message).toMatch(/30 % of a CPU core.*more workers do not help/);
  });

  it("has a generator that does not reply", () => {
    const health = new GeneratorHealth();
    for (let second = 1; second <= 5; second++) {
      health.addUnresponsive();
      health.endSecond(second, false);
    }
    const { invalid } = health.report(1, null);
    expect(invalid).toMatchObject({ cause: "incomplete" });
    expect(invalid?.message).toContain("did not reply for 5 seconds");
  });

  it("has late steps: 1 % of many, or half of few", () => {
    const late = (steps: number, seconds: number) =>
      findCause({ ...busy, lateness: toLateness(steps, seconds) })?.message;
    expect(late(500, 0.051)).toMatch(/^1 % .* 51 ms late.*could not keep up/);
    expect(late(500, 0.049)).toBeUndefined();
    expect(late(499, 0.2)).toBeUndefined();
    expect(late(20, 0.251)).toMatch(/^Half .* 251 ms late/);
    expect(late(19, 0.3)).toBeUndefined();
  });

  it.each([
    ["works all the time", { ...busy, lateness: toLateness(600, 2) }, "generator_overloaded"],
    [
      "starts many users at once",
      { utilisation: 0.3, cpuSeconds: 0.3, lateness: toLateness(600, 0.2) },
      "generator_overloaded",
    ],
    ["has little work", { ...idle, lateness: toLateness(600, 0.2) }, "machine_busy"],
    ["gets too little of a core", { ...starved, lateness: toLateness(600, 0.6) }, "machine_busy"],
  ] as const)("is late because of the generator only if it %s", (_what, interval, cause) => {
    const invalid = findCause(...repeat(3, interval));
    expect(invalid?.cause).toBe(cause);
    expect(invalid?.message.includes("Use more workers")).toBe(cause === "generator_overloaded");
  });
});
