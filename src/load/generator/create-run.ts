import { performance } from "node:perf_hooks";
import type { Clock } from "../../kernel/clock.ts";
import { createRandom } from "../../kernel/random.ts";
import type { LoadTestDefinition } from "../script/define.ts";
import { createClassPicker, createClassSequence, selectTasks } from "./classes.ts";
import { createConnector } from "./connection.ts";
import type { Arrivals } from "./executors/arrivals.ts";
import { ClosedExecutor } from "./executors/closed.ts";
import { createConstantRate } from "./executors/constant-rate.ts";
import { OpenExecutor } from "./executors/open.ts";
import { createRampingRate } from "./executors/ramping-rate.ts";
import type { GeneratorTask, UsersWanted } from "./generator.ts";
import { Histogram } from "./histogram.ts";
import type { Interval } from "./interval.ts";
import type { Scheduler } from "./scheduler.ts";
import { Tally } from "./tally.ts";
import { UserRunner } from "./user-runner.ts";

/** A generator's part of one run. */
export interface GeneratorRun {
  begin(): void;
  setUsers(wanted: UsersWanted): void;
  setRate(rate: number): void;
  collect(): Interval;
  /** Resolves when all users are gone; those that are not after so many seconds are cut off. */
  stop(timeoutSeconds: number): Promise<void>;
}

/** Random numbers of arrivals; those of users have their numbers, which are smaller. */
const ARRIVAL_STREAM = 2 ** 31;

export function createRun(
  task: GeneratorTask,
  definition: LoadTestDefinition,
  clock: Clock,
  scheduler: Scheduler,
): GeneratorRun {
  const { generator, generators, profile } = task;
  const rates = toRates(profile);
  const tally = new Tally(clock, rates !== null);
  const lateness = new Histogram();
  const late = (seconds: number): void => lateness.record(Math.max(0, seconds));
  const classes = definition.users;
  const tasks = classes.map((user) => selectTasks(user, task.tags, task.excludeTags));
  const weights = classes.map(({ weight }, i) => {
    const name = definition.names[i] ?? "";
    const takesPart = task.userClasses.length === 0 || task.userClasses.includes(name);
    return takesPart && (tasks[i] ?? []).length > 0 ? weight : 0;
  });
  const pickClass = createClassPicker(weights);
  const environment = {
    scheduler,
    tally,
    late,
    timeoutSeconds: task.http.timeoutSeconds,
    headers: task.http.headers,
    connect: createConnector(task.http),
  };

  function createUser(id: number, index: number): UserRunner {
    const user = classes[index];
    if (user === undefined) throw new RangeError(`There is no class ${index}`);
    const random = createRandom(task.seed, id);
    return new UserRunner(id, user, tasks[index] ?? [], task.host, random, environment);
  }

  const closed = new ClosedExecutor({
    scheduler,
    generator,
    generators,
    late,
    createUser: (id) => createUser(id, pickClass(id)),
  });
  const open = new OpenExecutor({
    scheduler,
    share: {
      generator,
      generators,
      poisson: rates?.poisson === true ? createRandom(task.seed, ARRIVAL_STREAM + generator) : null,
    },
    maxUsers: toShare(rates?.maxUsers ?? 0, generator, generators),
    nextClass: createClassSequence(weights),
    createUser: (index, classIndex) => createUser(generator + index * generators, classIndex),
  });

  let collectedAt = scheduler.now();
  let busy = performance.eventLoopUtilization();
  let cpu = process.cpuUsage();
  let dropped = 0;

  return {
    begin() {
      collectedAt = scheduler.now();
      busy = performance.eventLoopUtilization();
      if (profile.kind === "users") {
        closed.setUsers(profile.users, profile.spawn_rate);
      } else if (rates !== null) {
        open.follow(rates.arrivals);
      }
    },
    setUsers: ({ users, spawnRate }) => closed.setUsers(users, spawnRate),
    setRate: (rate) => open.follow(createConstantRate(rate)),
    collect() {
      const now = scheduler.now();
      const busyNow = performance.eventLoopUtilization();
      const cpuNow = process.cpuUsage();
      const usersByClass = classes.map(() => 0);
      const users = [...Array.from(closed.users, pickClass), ...open.classes];
      for (const index of users) {
        usersByClass[index] = (usersByClass[index] ?? 0) + 1;
      }
      const interval: Interval = {
        seconds: now - collectedAt,
        users: users.length,
        usersByClass,
        ...tally.take(),
        lateness: lateness.toCounts(),
        utilisation: performance.eventLoopUtilization(busyNow, busy).utilization,
        cpuSeconds: (cpuNow.user + cpuNow.system - cpu.user - cpu.system) / 1e6,
        memoryBytes: process.memoryUsage.rss(),
        dropped: open.dropped - dropped,
      };
      lateness.clear();
      [collectedAt, busy, cpu, dropped] = [now, busyNow, cpuNow, open.dropped];
      return interval;
    },
    async stop(timeoutSeconds) {
      const ended = Promise.all([closed.stop(), open.stop()]);
      const { promise: isLate, resolve } = Promise.withResolvers<void>();
      const timer = scheduler.after(timeoutSeconds, resolve);
      await Promise.race([ended, isLate]);
      timer.cancel();
      closed.destroy();
      open.destroy();
    },
  };
}

interface Rates {
  readonly arrivals: Arrivals;
  readonly poisson: boolean;
  readonly maxUsers: number;
}

/** null in a closed model. */
function toRates(profile: GeneratorTask["profile"]): Rates | null {
  switch (profile.kind) {
    case "constant_rate":
      return {
        arrivals: createConstantRate(profile.rate),
        poisson: profile.poisson,
        maxUsers: profile.max_users,
      };
    case "ramping_rate":
      return {
        arrivals: createRampingRate(profile.from_rate, profile.to_rate, profile.ramp_seconds),
        poisson: profile.poisson,
        maxUsers: profile.max_users,
      };
    default:
      return null;
  }
}

/** How many of so many things each of several has, so that all are had once. */
function toShare(total: number, index: number, count: number): number {
  return Math.floor((total - index + count - 1) / count);
}
