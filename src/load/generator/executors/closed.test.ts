import { describe, expect, it } from "vitest";
import { createSimulatedTime } from "../../../../test/support/simulated-time.ts";
import { createClassPicker } from "../classes.ts";
import { ClosedExecutor } from "./closed.ts";

/** Creates executors of several generators, with users that only wait for a stop. */
function createExecutors(generators: number) {
  const time = createSimulatedTime();
  const living = new Set<number>();
  const lateness: number[] = [];
  const executors = Array.from(
    { length: generators },
    (_, generator) =>
      new ClosedExecutor({
        scheduler: time,
        generator,
        generators,
        late: (seconds) => lateness.push(seconds),
        createUser(id) {
          const { promise, resolve } = Promise.withResolvers<void>();
          const end = (): void => {
            living.delete(id);
            resolve();
          };
          return {
            live() {
              living.add(id);
              return promise;
            },
            stop: end,
            destroy: end,
          };
        },
      }),
  );
  return {
    time,
    living,
    lateness,
    executors,
    setUsers(users: number, spawnRate: number) {
      for (const executor of executors) executor.setUsers(users, spawnRate);
    },
  };
}

describe("ClosedExecutor", () => {
  it("starts and ends users at the spawn rate, the numbers from 0 on, over all generators", async () => {
    for (const generators of [1, 3]) {
      const { time, living, setUsers, lateness } = createExecutors(generators);
      setUsers(20, 4);
      await time.runUntil(0.1);
      expect(living.size).toBe(1);
      await time.runUntil(2.1);
      expect(living.size).toBe(9);
      await time.runUntil(10);
      expect([...living].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, i) => i),
      );
      setUsers(5, 10);
      await time.runUntil(10.55);
      expect(living.size).toBe(14);
      await time.runUntil(20);
      expect([...living].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
      expect(Math.max(...lateness)).toBeLessThan(0.001);
    }
  });

  it("continues from the present number of users when the target changes", async () => {
    const { time, living, setUsers } = createExecutors(2);
    setUsers(100, 10);
    await time.runUntil(1.05);
    expect(living.size).toBe(11);
    setUsers(13, 1);
    await time.runUntil(1.06);
    expect(living.size).toBe(12);
    await time.runUntil(9);
    expect(living.size).toBe(13);
    setUsers(0, 100);
    await time.runUntil(10);
    expect(living.size).toBe(0);
  });

  it("ends all users on a stop, and starts none afterwards", async () => {
    const { time, living, executors, setUsers } = createExecutors(2);
    setUsers(10, 2);
    await time.runUntil(2);
    await Promise.all(executors.map((executor) => executor.stop()));
    setUsers(10, 100);
    await time.runUntil(10);
    expect(living.size).toBe(0);
  });
});

describe("createClassPicker", () => {
  it("gives each class its share at any number of users, but for less than one", () => {
    for (const weights of [[1], [3, 1], [1, 1, 1], [0.2, 5, 0, 1.3]]) {
      const pick = createClassPicker(weights);
      const counts = weights.map(() => 0);
      const sum = weights.reduce((a, b) => a + b);
      for (let id = 0; id < 500; id++) {
        const index = pick(id);
        counts[index] = (counts[index] ?? 0) + 1;
        for (const [i, weight] of weights.entries()) {
          expect(Math.abs((counts[i] ?? 0) - (weight / sum) * (id + 1))).toBeLessThan(1.001);
        }
      }
      expect(pick(3)).toBe(createClassPicker(weights)(3));
    }
  });
});
