import type { Clock } from "../../kernel/clock.ts";
import { createRandom } from "../../kernel/random.ts";
import type { Ramp } from "../profiles/profile.ts";
import type { LoadTestDefinition } from "../script/define.ts";
import { createClassPicker, createClassSequence, selectTasks } from "./classes.ts";
import { createConnector } from "./connection.ts";
import { createArrivals } from "./executors/arrivals.ts";
import { ClosedExecutor } from "./executors/closed.ts";
import { OpenExecutor } from "./executors/open.ts";
import type { GeneratorTask, TargetUsers } from "./generator.ts";
import { Histogram } from "./histogram.ts";
import type { Interval } from "./interval.ts";
import { ProcessUsageMeter } from "./process-usage.ts";
import type { Scheduler } from "./scheduler.ts";
import { Tally } from "./tally.ts";
import { UserRunner } from "./user-runner.ts";

/** A generator's part of one run. */
export interface GeneratorRun {
  begin(): void;
  setUsers(target: TargetUsers): void;
  setRamps(ramps: readonly Ramp[]): void;
  collect(): Interval;
  /** Resolves when all users have ended. Cuts off those that run longer than `timeoutSeconds`. */
  stop(timeoutSeconds: number): Promise<void>;
}

/** Random stream of the arrivals. The streams of users have their numbers, which are smaller. */
const ARRIVAL_STREAM = 2 ** 31;

export function createGeneratorRun(
  task: GeneratorTask,
  definition: LoadTestDefinition,
  clock: Clock,
  scheduler: Scheduler,
): GeneratorRun {
  const { generator, generators, open: openLoad } = task;
  const tally = new Tally(clock, openLoad !== null);
  const lateness = new Histogram();
  const late = (seconds: number): void => lateness.record(Math.max(0, seconds));
  const classes = definition.users;
  const tasks = classes.map((user) => selectTasks(user, task.tags, task.excludeTags));
  const weights = classes.map(({ weight }, i) => {
    const isSelected =
      task.userClasses.length === 0 || task.userClasses.includes(definition.names[i]!);
    return isSelected && tasks[i]!.length > 0 ? weight : 0;
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
    const random = createRandom(task.seed, id);
    return new UserRunner(id, classes[index]!, tasks[index]!, task.host, random, environment);
  }

  const closed = new ClosedExecutor({
    scheduler,
    generator,
    generators,
    late,
    createUser: (id) => createUser(id, pickClass(id)),
  });
  const isPoisson = openLoad?.poisson === true;
  const open = new OpenExecutor({
    scheduler,
    share: {
      generator,
      generators,
      poisson: isPoisson ? createRandom(task.seed, ARRIVAL_STREAM + generator) : null,
    },
    maxUsers: toShare(openLoad?.max_users ?? 0, generator, generators),
    nextClass: createClassSequence(weights),
    createUser: (index, classIndex) => createUser(generator + index * generators, classIndex),
  });

  const usage = new ProcessUsageMeter();
  let collectedAt = scheduler.now();
  let dropped = 0;

  return {
    begin() {
      collectedAt = scheduler.now();
      usage.restart();
      if (openLoad !== null) open.follow(createArrivals(openLoad.ramps));
    },
    setUsers: ({ users, spawnRate }) => closed.setUsers(users, spawnRate),
    setRamps: (ramps) => open.follow(createArrivals(ramps)),
    collect() {
      const now = scheduler.now();
      const usersByClass = classes.map(() => 0);
      const users = [...Array.from(closed.users, pickClass), ...open.classes];
      for (const index of users) usersByClass[index]! += 1;
      const interval: Interval = {
        seconds: now - collectedAt,
        users: users.length,
        usersByClass,
        ...tally.take(),
        lateness: lateness.toCounts(),
        ...usage.take(),
        dropped: open.dropped - dropped,
      };
      lateness.clear();
      collectedAt = now;
      ({ dropped } = open);
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

/** Returns how many of `total` things one of `count` holders has, so that together they have all. */
function toShare(total: number, index: number, count: number): number {
  return Math.floor((total - index + count - 1) / count);
}
