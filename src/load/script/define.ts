import {
  LoadTestDefinition,
  Task,
  User,
  WAIT_PROBLEMS,
  type LoadTestOptions,
  type TaskOptions,
  type UserOptions,
  type WaitTime,
} from "./definitions.ts";
import { FAIL } from "./fail.ts";
import { locateCall } from "./source-location.ts";
import type { Reply, VirtualUser } from "./virtual-user.ts";

/**
 * The functions of a load script: `import { … } from "tepal/load"`. The script exports a user class, a list of user classes, or a load
 * test by default; `tepal load SCRIPT` runs it. docs/load-testing.md explains it.
 */

export type { Random } from "../../kernel/random.ts";
export type {
  LoadTestDefinition,
  LoadTestOptions,
  Shape,
  Task,
  TaskOptions,
  User,
  UserOptions,
  WaitTime,
} from "./definitions.ts";
export type { Reply, RequestOptions, VirtualUser } from "./virtual-user.ts";

/**
 * Defines a class of users. Invalid options do not throw here: `tepal load` reports the problems of the whole script with file and line.
 *
 * @example
 * ```ts
 * import { between, defineUser, task } from "tepal/load";
 *
 * export default defineUser({
 *   waitTime: between(1, 3),
 *   tasks: [
 *     task(1, async ({ post }) => {
 *       await post("/predict", { json: { petal_length: 1.4, petal_width: 0.2 } });
 *     }),
 *   ],
 * });
 * ```
 */
export function defineUser(options: UserOptions): User {
  return new User(options, locateCall(defineUser));
}

/**
 * Defines a task of a user class.
 *
 * @param weight frequency of the task relative to the other tasks of its class; ≥ 0
 * @param run sends the requests of one iteration; an exception counts in the report, and the user continues with its next task
 *
 * @example
 * ```ts
 * import { defineUser, task, type VirtualUser } from "tepal/load";
 *
 * async function readMetrics(user: VirtualUser): Promise<void> {
 *   await user.get("/metrics");
 * }
 *
 * export default defineUser({
 *   tasks: [
 *     task(3, async (user) => {
 *       await user.get(`/models/${user.random.below(2)}`, { name: "model" });
 *     }),
 *     task(1, readMetrics, { name: "metrics", tags: ["monitoring"] }),
 *   ],
 * });
 * ```
 */
export function task(
  weight: number,
  run: (user: VirtualUser) => unknown,
  options: TaskOptions = {},
): Task {
  return new Task(weight, run, options, locateCall(task));
}

/**
 * Defines a load test with more than user classes: a shape of its own, or thresholds.
 *
 * @example
 * ```ts
 * import { constant, defineLoadTest, defineUser, task } from "tepal/load";
 *
 * export default defineLoadTest({
 *   users: defineUser({
 *     waitTime: constant(0.5),
 *     tasks: [task(1, async ({ get }) => void (await get("/health/live")))],
 *   }),
 *   // 10 users for a minute, then 100 for a minute.
 *   shape: (elapsedSeconds) =>
 *     elapsedSeconds < 120 ? { users: elapsedSeconds < 60 ? 10 : 100, spawnRate: 10 } : null,
 *   thresholds: ["p(95)<50", "failures<0.01"],
 * });
 * ```
 */
export function defineLoadTest(options: LoadTestOptions): LoadTestDefinition {
  return new LoadTestDefinition(options, locateCall(defineLoadTest));
}

/**
 * Returns a wait time that is uniformly distributed between two limits.
 *
 * @param minimum seconds, ≥ 0
 * @param maximum seconds, ≥ minimum
 *
 * @example
 * ```ts
 * import { between, defineUser, task } from "tepal/load";
 *
 * export default defineUser({
 *   waitTime: between(0.5, 1.5),
 *   tasks: [task(1, ({ get }) => get("/"))],
 * });
 * ```
 */
export function between(minimum: number, maximum: number): WaitTime {
  const waitTime: WaitTime = (random) => minimum + random.uniform() * (maximum - minimum);
  if (!(minimum >= 0 && maximum >= minimum && maximum < Infinity)) {
    const message = `between(${minimum}, ${maximum}): Expected two numbers of seconds ≥ 0, the smaller one first.`;
    WAIT_PROBLEMS.set(waitTime, [{ at: locateCall(between), message }]);
  }
  return waitTime;
}

/**
 * Returns a wait time that is always the same.
 *
 * @param seconds ≥ 0
 *
 * @example
 * ```ts
 * import { constant, defineUser, task } from "tepal/load";
 *
 * export default defineUser({
 *   waitTime: constant(1),
 *   tasks: [task(1, ({ get }) => get("/"))],
 * });
 * ```
 */
export function constant(seconds: number): WaitTime {
  const waitTime: WaitTime = () => seconds;
  if (!(seconds >= 0 && seconds < Infinity)) {
    const message = `constant(${seconds}): Expected a number of seconds ≥ 0.`;
    WAIT_PROBLEMS.set(waitTime, [{ at: locateCall(constant), message }]);
  }
  return waitTime;
}

/**
 * Makes a reply a failure if it does not meet a condition. Call it before the next request of the user: a reply is counted then. A reply
 * that has failed already keeps its failure.
 *
 * @param checks conditions by name; the failure counts as `check: NAME`. A condition that throws is not met
 * @returns true if the reply meets all conditions
 *
 * @example
 * ```ts
 * import { check, defineUser, task } from "tepal/load";
 *
 * export default defineUser({
 *   tasks: [
 *     task(1, async ({ get }) => {
 *       const reply = await get("/models");
 *       check(reply, {
 *         "is JSON": () => reply.json(),
 *         "is quick": ({ seconds }) => seconds < 0.5,
 *       });
 *     }),
 *   ],
 * });
 * ```
 */
export function check(
  reply: Reply,
  checks: Readonly<Record<string, (reply: Reply) => unknown>>,
): boolean {
  if (!reply.ok) return false;
  for (const [name, condition] of Object.entries(checks)) {
    if (!isMet(reply, condition)) {
      if (FAIL in reply && typeof reply[FAIL] === "function") reply[FAIL](`check: ${name}`);
      return false;
    }
  }
  return true;
}

function isMet(reply: Reply, condition: (reply: Reply) => unknown): boolean {
  try {
    return Boolean(condition(reply));
  } catch {
    return false;
  }
}
