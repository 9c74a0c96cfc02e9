import { describe, expect, it } from "vitest";
import { createRandom } from "../../../kernel/random.ts";
import {
  createSimulatedTime,
  type SimulatedTime,
} from "../../../../test/support/simulated-time.ts";
import { createClassSequence } from "../classes.ts";
import { Histogram } from "../histogram.ts";
import { createArrivals, toDueTimes } from "./arrivals.ts";
import { ClosedExecutor } from "./closed.ts";
import { OpenExecutor, type OpenUser } from "./open.ts";

const createConstantRate = (rate: number) =>
  createArrivals([{ from: rate, to: rate, seconds: Infinity }]);
const createRamp = (from: number, to: number, seconds: number) =>
  createArrivals([
    { from, to, seconds },
    { from: to, to, seconds: Infinity },
  ]);

const WHOLE = { generator: 0, generators: 1, poisson: null };

/** Replies after a millisecond, but not between two moments; then it replies to all pending requests. */
function createStallingServer(time: SimulatedTime, from: number, to: number) {
  return (): Promise<void> =>
    new Promise((resolve) => {
      const now = time.now();
      time.after((now >= from && now < to ? to - now : 0) + 0.001, resolve);
    });
}

function createUser(iterate: (due: number) => Promise<void>): OpenUser {
  return {
    enter: async () => {},
    iterate,
    leave: async () => {},
    stop: () => {},
    destroy: () => {},
  };
}

describe("OpenExecutor", () => {
  it("measures a stall of 2 s at 100 requests per second: p90 1,000 ms, p95 1,500 ms", async () => {
    const time = createSimulatedTime();
    const request = createStallingServer(time, 4, 6);
    const [response, service] = [new Histogram(), new Histogram()];
    const executor = new OpenExecutor({
      scheduler: time,
      share: WHOLE,
      nextClass: () => 0,
      maxUsers: 1_000,
      createUser: () =>
        createUser(async (due) => {
          const sent = time.now();
          await request();
          response.record(time.now() - due);
          service.record(time.now() - sent);
        }),
    });
    executor.follow(createConstantRate(100));
    await time.runUntil(9.995);
    const ended = executor.stop();
    await time.runUntil(20);
    await ended;
    expect(response.count).toBe(1_000);
    expect(response.quantile(0.9)).toBeGreaterThan(0.95);
    expect(response.quantile(0.9)).toBeLessThan(1.05);
    expect(response.quantile(0.95)).toBeGreaterThan(1.425);
    expect(response.quantile(0.95)).toBeLessThan(1.575);
    expect(executor.dropped).toBe(0);
  });

  it("drops arrivals if all users are busy", async () => {
    const time = createSimulatedTime();
    const request = createStallingServer(time, 0, 1);
    let begun = 0;
    const executor = new OpenExecutor({
      scheduler: time,
      share: WHOLE,
      nextClass: () => 0,
      maxUsers: 10,
      createUser: () =>
        createUser(async () => {
          begun += 1;
          await request();
        }),
    });
    executor.follow(createConstantRate(100));
    await time.runUntil(0.995);
    expect(executor.classes).toHaveLength(10);
    expect([begun, executor.dropped]).toEqual([10, 90]);
    await time.runUntil(1.995);
    expect(begun + executor.dropped).toBe(200);
    expect(executor.dropped).toBeLessThan(95);
  });

  it("catches up after a pause of the process: no arrival is lost, and later ones are on time", async () => {
    const time = createSimulatedTime();
    const dues: number[] = [];
    const executor = new OpenExecutor({
      // The process does not run for half a second.
      scheduler: {
        now: time.now,
        after: (seconds, callback) =>
          time.after(time.now() > 1 && time.now() < 1.01 ? 0.5 : seconds, callback),
      },
      share: WHOLE,
      nextClass: () => 0,
      maxUsers: 1_000,
      createUser: () => createUser(async (due) => void dues.push(due)),
    });
    executor.follow(createConstantRate(1_000));
    await time.runUntil(1.9995);
    expect(dues).toHaveLength(2_000);
    for (const [i, due] of dues.entries()) expect(due).toBeCloseTo(i / 1_000, 9);
  });

  it("keeps the shares of classes, even if one user could run all iterations", async () => {
    const shares = async (maxUsers: number): Promise<number[]> => {
      const time = createSimulatedTime();
      const counts = [0, 0, 0];
      const made: number[] = [];
      const executor = new OpenExecutor({
        scheduler: time,
        share: WHOLE,
        nextClass: createClassSequence([6, 3, 1]),
        maxUsers,
        createUser(index, classIndex) {
          expect(index).toBe(made.push(classIndex) - 1);
          return createUser(async () => void counts.splice(classIndex, 1, counts[classIndex]! + 1));
        },
      });
      executor.follow(createConstantRate(100));
      await time.runUntil(9.995);
      expect(made.length).toBeLessThanOrEqual(3);
      return counts;
    };
    expect(await shares(1_000)).toEqual([600, 300, 100]);
    expect(await shares(3)).toEqual([600, 300, 100]);
    // With fewer users than classes, the existing users run everything.
    expect(await shares(1)).toEqual([1_000, 0, 0]);
  });

  it("starts nothing after a stop, and waits for iterations in progress", async () => {
    const time = createSimulatedTime();
    const request = createStallingServer(time, 0, 2);
    let [begun, ended] = [0, 0];
    const executor = new OpenExecutor({
      scheduler: time,
      share: WHOLE,
      nextClass: () => 0,
      maxUsers: 100,
      createUser: () =>
        createUser(async () => {
          begun += 1;
          await request();
          ended += 1;
        }),
    });
    executor.follow(createConstantRate(10));
    await time.runUntil(0.95);
    let isStopped = false;
    const stopped = executor.stop().then(() => (isStopped = true));
    await time.runUntil(1.5);
    expect([begun, ended, isStopped]).toEqual([10, 0, false]);
    await time.runUntil(3);
    await stopped;
    expect([begun, ended]).toEqual([10, 10]);
  });
});

describe("ClosedExecutor", () => {
  it("hides the same stall in its percentiles", async () => {
    const time = createSimulatedTime();
    const request = createStallingServer(time, 4, 6);
    const service = new Histogram();
    const executor = new ClosedExecutor({
      scheduler: time,
      generator: 0,
      generators: 1,
      late: () => {},
      createUser: () => {
        const state = { isStopping: false };
        return {
          async live() {
            while (!state.isStopping) {
              const sent = time.now();
              await request();
              service.record(time.now() - sent);
              await new Promise<void>((resolve) => void time.after(0.009, resolve));
            }
          },
          stop: () => (state.isStopping = true),
          destroy: () => {},
        };
      },
    });
    executor.setUsers(1, 1);
    await time.runUntil(10);
    expect(service.quantile(0.95)).toBeLessThan(0.01);
    expect(service.max).toBeGreaterThan(1.9);
  });
});

describe("due times", () => {
  const take = (times: Iterable<number>, count: number): number[] => {
    const taken: number[] = [];
    for (const time of times) {
      if (taken.push(time) === count) break;
    }
    return taken;
  };

  it("of several generators add up to those of one", () => {
    const arrivals = createRamp(5, 50, 10);
    const one = take(toDueTimes(arrivals, WHOLE), 30);
    const three = [0, 1, 2].flatMap((generator) =>
      take(toDueTimes(arrivals, { generator, generators: 3, poisson: null }), 10),
    );
    expect(three.toSorted((a, b) => a - b)).toEqual(one);
  });

  it("of a ramp follow its line, up and down, and continue at its last rate", () => {
    for (const [from, to] of [
      [0, 100],
      [100, 0],
      [20, 60],
      [30, 30],
    ] as const) {
      const { dueAt } = createRamp(from, to, 10);
      const countAt = (t: number): number => from * t + ((to - from) / 20) * t * t;
      for (const t of [1, 2.5, 7, 9.9]) expect(dueAt(countAt(t))).toBeCloseTo(t, 6);
      if (to > 0) expect(dueAt(countAt(10) + to)).toBeCloseTo(11, 9);
      else expect(dueAt(countAt(10) + 1)).toBe(Infinity);
    }
    expect(createConstantRate(0).dueAt(0)).toBe(Infinity);
  });

  it("at random intervals are exponential: mean and deviation are the reciprocal of the rate", () => {
    const share = { generator: 1, generators: 4, poisson: createRandom(7) };
    const times = take(toDueTimes(createConstantRate(400), share), 20_000);
    const distances = times.map((time, i) => time - (times[i - 1] ?? 0));
    const mean = distances.reduce((a, b) => a + b, 0) / distances.length;
    const variance = distances.reduce((a, b) => a + (b - mean) ** 2, 0) / distances.length;
    expect(mean).toBeCloseTo(0.01, 3);
    expect(Math.sqrt(variance)).toBeCloseTo(0.01, 3);
  });
});
