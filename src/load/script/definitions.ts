import { list, object, optional } from "../../kernel/check/containers.ts";
import {
  baseUrl,
  custom,
  functionValue,
  number,
  refine,
  string,
} from "../../kernel/check/values.ts";
import type { Parser } from "../../kernel/check.ts";
import type { Problem } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import { findThresholdProblem } from "../contract/threshold.ts";
import { CallCheck } from "./call-check.ts";
import type { VirtualUser } from "./virtual-user.ts";

/** The definitions of a script: tasks, user classes and the load test. A definition keeps its problems, and reading the script reports them. */

type TaskFunction = (user: VirtualUser) => unknown;

/** Returns the seconds to wait after a task. */
export type WaitTime = (random: Random) => number;

export interface TaskOptions {
  /** @default the name of the function */
  readonly name?: string;
  /** For `--tags` and `--exclude-tags`. */
  readonly tags?: readonly string[];
}

export interface UserOptions {
  /** @default User, User 2, … */
  readonly name?: string;
  /** Share of all users, relative to the other classes; in an open model, share of all iterations. @default 1 */
  readonly weight?: number;
  /** URL of the server, for example `http://127.0.0.1:8000`. @default --host */
  readonly host?: string;
  /** Wait after each task. @default constant(0) */
  readonly waitTime?: WaitTime;
  readonly tasks: readonly Task[];
  /** Runs before the first task. */
  readonly onStart?: TaskFunction;
  /** Runs after the last task, also if the run is stopped. */
  readonly onStop?: TaskFunction;
}

export interface LoadTestOptions {
  readonly users: User | readonly User[];
  /** Returns the load at a moment; called every second. The run ends when it returns null. */
  readonly shape?: Shape;
  /** As `--threshold`. */
  readonly thresholds?: readonly string[];
}

/** Returns the number of users to reach, and how many start or stop per second. */
export type Shape = (
  elapsedSeconds: number,
) => { readonly users: number; readonly spawnRate: number } | null;

export class Task {
  readonly weight: number;
  readonly run: TaskFunction;
  readonly name: string;
  readonly tags: readonly string[];
  readonly problems: readonly Problem[];

  constructor(weight: number, run: TaskFunction, options: TaskOptions, location: string) {
    const check = new CallCheck("task", location);
    check.read(WEIGHT, weight, ["weight"]);
    check.read(functionValue(), run, ["run"]);
    const { name, tags = [] } = check.read(TASK_OPTIONS, options) ?? {};
    this.weight = weight;
    this.run = run;
    this.name = name ?? (typeof run === "function" && run.name !== "" ? run.name : "task");
    this.tags = tags;
    this.problems = check.problems;
  }
}

export class User {
  /** null if the script sets none. */
  readonly name: string | null;
  readonly weight: number;
  readonly host: string | null;
  readonly waitTime: WaitTime;
  readonly tasks: readonly Task[];
  readonly onStart: TaskFunction | null;
  readonly onStop: TaskFunction | null;
  readonly problems: readonly Problem[];

  constructor(options: UserOptions, location: string) {
    const check = new CallCheck("defineUser", location);
    const isValid = check.read(USER_OPTIONS, options) !== undefined;
    const given: Partial<UserOptions> = isValid ? options : {};
    // Names stay, so that the load test finds duplicates.
    this.name = typeof options?.name === "string" ? options.name : null;
    this.weight = given.weight ?? 1;
    this.host = given.host ?? null;
    this.waitTime = given.waitTime ?? NO_WAIT;
    this.tasks = given.tasks ?? [];
    this.onStart = given.onStart ?? null;
    this.onStop = given.onStop ?? null;
    const { waitTime } = options ?? {};
    this.problems = [
      ...check.problems,
      ...((waitTime !== undefined && WAIT_PROBLEMS.get(waitTime)) || []),
      ...toList(options?.tasks).flatMap((one) => (one instanceof Task ? one.problems : [])),
    ];
  }
}

export class LoadTestDefinition {
  readonly users: readonly User[];
  /** Names of the users, in the same order; a class without a name is `User`, `User 2`, … */
  readonly names: readonly string[];
  readonly shape: Shape | null;
  readonly thresholds: readonly string[];
  readonly problems: readonly Problem[];

  constructor(options: LoadTestOptions, location: string) {
    const check = new CallCheck("defineLoadTest", location);
    const users = toList(options?.users);
    const isValid =
      check.read(
        LOAD_TEST_OPTIONS,
        options?.users === undefined ? options : { ...options, users },
      ) !== undefined;
    this.users = users.filter((one) => one instanceof User);
    this.names = this.users.map(({ name }, i) => name ?? (i === 0 ? "User" : `User ${i + 1}`));
    for (const [i, name] of this.names.entries()) {
      if (this.names.indexOf(name) < i) {
        check.add(["users"], `Expected unique names, got "${name}" twice.`);
      }
    }
    if (this.users.length > 0 && this.users.every(({ weight }) => weight === 0)) {
      check.add(["users"], "Expected at least one class with a weight > 0.");
    }
    this.shape = (isValid ? options.shape : undefined) ?? null;
    this.thresholds = (isValid ? options.thresholds : undefined) ?? [];
    this.problems = [...check.problems, ...this.users.flatMap(({ problems }) => problems)];
  }
}

/** Problems of the arguments of `between` and `constant`, which become problems of the user that takes the result. */
export const WAIT_PROBLEMS = new WeakMap<WaitTime, readonly Problem[]>();

const NO_WAIT: WaitTime = () => 0;

const NAME = string({ minLength: 1 });
const WEIGHT = number({ min: 0 });
const FUNCTION = optional(functionValue());
const TASK_OPTIONS = object(
  { name: optional(NAME), tags: optional(list(string())) },
  { noun: "option" },
);
const USER_OPTIONS = object(
  {
    name: optional(NAME),
    weight: optional(WEIGHT),
    host: optional(baseUrl()),
    waitTime: FUNCTION,
    tasks: refine(list(instanceOf("a task made by task()", Task)), (tasks) =>
      tasks.every(({ weight }) => weight === 0)
        ? "Expected at least one task with a weight > 0."
        : undefined,
    ),
    onStart: FUNCTION,
    onStop: FUNCTION,
  },
  { noun: "option" },
);
const LOAD_TEST_OPTIONS = object(
  {
    users: refine(list(instanceOf("a user class made by defineUser()", User)), (users) =>
      users.length === 0 ? "Expected at least one user class." : undefined,
    ),
    shape: FUNCTION,
    thresholds: optional(list(refine(string(), findThresholdProblem))),
  },
  { noun: "option" },
);

function instanceOf<T>(expected: string, type: new (...values: never) => T): Parser<T> {
  return custom(expected, (given) => (given instanceof type ? given : undefined));
}

function toList(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [given];
}
