import type { Random } from "../../kernel/random.ts";
import { FAIL } from "./fail.ts";
import {
  MistakeFinder,
  isFunction,
  isHost,
  isText,
  isTexts,
  isWeight,
  type FindFault,
  type Mistake,
} from "./script-check.ts";
import { findPlace } from "./source-location.ts";
import { findThresholdFault } from "../contract/threshold.ts";

/** What a script of a load test is made of; `import { … } from "tepal/load"`. docs/load-testing.md tells it with examples. */

export type { Random };

/** One of the many who use the server, with a connection and random numbers of its own. */
export interface VirtualUser {
  /** Which user this is, from 0, over all generators. */
  readonly id: number;
  /** The same numbers for the same user and `--seed`. */
  readonly random: Random;
  get(path: string, options?: RequestOptions): Promise<Reply>;
  post(path: string, options?: RequestOptions): Promise<Reply>;
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** Waits; ends at once when the run is stopped. */
  sleep(seconds: number): Promise<void>;
}

export interface RequestOptions {
  /** Sent as JSON, with its content type. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Under which it is counted. @default the path without its query */
  readonly name?: string;
  /** For the whole request. @default --timeout */
  readonly timeoutSeconds?: number;
  /** The statuses that are a success. @default all below 400 */
  readonly expect?: readonly number[];
}

/** What came back. A request that failed is a reply too: nothing is thrown. */
export interface Reply {
  /** 0 when none came. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Whether it counts as a success so far. */
  readonly ok: boolean;
  /** Service time. */
  readonly seconds: number;
  text(): string;
  /** @throws SyntaxError when the body is no JSON */
  json<T = unknown>(): T;
}

type TaskFunction = (user: VirtualUser) => unknown;

/** Seconds to wait after a task. */
export type WaitTime = (random: Random) => number;

export interface TaskOptions {
  /** @default the function's */
  readonly name?: string;
  /** For `--tags` and `--exclude-tags`. */
  readonly tags?: readonly string[];
}

export interface UserOptions {
  /** @default User, User 2, … */
  readonly name?: string;
  /** Its share of all users, beside the weights of the other classes; in an open model of all iterations. @default 1 */
  readonly weight?: number;
  /** Where its requests go. @default --host */
  readonly host?: string;
  /** Between tasks. @default constant(0) */
  readonly waitTime?: WaitTime;
  readonly tasks: readonly Task[];
  /** Before the first task. */
  readonly onStart?: TaskFunction;
  /** After the last one, also when the run is stopped. */
  readonly onStop?: TaskFunction;
}

export interface LoadTestOptions {
  readonly users: User | readonly User[];
  /** What is wanted now, asked each second: the number of users and how many start each second; null ends the run. */
  readonly shape?: Shape;
  /** As `--threshold`. */
  readonly thresholds?: readonly string[];
}

export type Shape = (
  elapsedSeconds: number,
) => { readonly users: number; readonly spawnRate: number } | null;

export class Task {
  readonly weight: number;
  readonly run: TaskFunction;
  readonly name: string;
  readonly tags: readonly string[];
  readonly mistakes: readonly Mistake[];

  constructor(weight: number, run: TaskFunction, options: TaskOptions) {
    const finder = new MistakeFinder("task", task);
    finder.check(weight, "its weight", isWeight);
    finder.check(run, "its second argument", isFunction);
    const given = finder.options(options, { name: isText, tags: isTexts });
    this.weight = weight;
    this.run = run;
    this.name = given.name ?? (typeof run === "function" && run.name !== "" ? run.name : "task");
    this.tags = given.tags ?? [];
    this.mistakes = finder.mistakes;
  }
}

export class User {
  /** null: none was given. */
  readonly name: string | null;
  readonly weight: number;
  readonly host: string | null;
  readonly waitTime: WaitTime;
  readonly tasks: readonly Task[];
  readonly onStart: TaskFunction | null;
  readonly onStop: TaskFunction | null;
  readonly mistakes: readonly Mistake[];

  constructor(options: UserOptions) {
    const finder = new MistakeFinder("defineUser", defineUser);
    const given = finder.options(
      options,
      {
        name: isText,
        weight: isWeight,
        host: isHost,
        waitTime: isFunction,
        tasks: areTasks,
        onStart: isFunction,
        onStop: isFunction,
      },
      ["tasks"],
    );
    this.name = given.name ?? null;
    this.weight = given.weight ?? 1;
    this.host = given.host ?? null;
    this.waitTime = given.waitTime ?? NO_WAIT;
    this.tasks = given.tasks ?? [];
    this.onStart = given.onStart ?? null;
    this.onStop = given.onStop ?? null;
    const tasks: unknown = options?.tasks;
    const made = Array.isArray(tasks) ? tasks.filter((one) => one instanceof Task) : [];
    this.mistakes = [
      ...finder.mistakes,
      ...(WAIT_MISTAKES.get(this.waitTime) ?? []),
      ...made.flatMap(({ mistakes }) => mistakes),
    ];
  }
}

export class LoadTestDefinition {
  readonly users: readonly User[];
  /** Of the users, in the same order; one without a name is `User`, `User 2`, … */
  readonly names: readonly string[];
  readonly shape: Shape | null;
  readonly thresholds: readonly string[];
  readonly mistakes: readonly Mistake[];

  constructor(options: LoadTestOptions) {
    const finder = new MistakeFinder("defineLoadTest", defineLoadTest);
    const given = finder.options(
      options,
      { users: areUsers, shape: isFunction, thresholds: areThresholds },
      ["users"],
    );
    this.users = toUsers(options?.users);
    this.names = this.users.map(({ name }, i) => name ?? (i === 0 ? "User" : `User ${i + 1}`));
    for (const [i, name] of this.names.entries()) {
      if (this.names.indexOf(name) < i) finder.note(`two classes of users have the name "${name}"`);
    }
    if (this.users.length > 0 && this.users.every(({ weight }) => weight === 0)) {
      finder.note("all classes of users have the weight 0");
    }
    this.shape = given.shape ?? null;
    this.thresholds = given.thresholds ?? [];
    this.mistakes = [...finder.mistakes, ...this.users.flatMap((user) => user.mistakes)];
  }
}

function toUsers(given: unknown): readonly User[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.filter((item) => item instanceof User);
}

const areTasks: FindFault = (value) => {
  if (!Array.isArray(value)) return "a list is expected";
  if (value.length === 0) return "at least one task is expected";
  if (!value.every((item) => item instanceof Task)) return "what task() makes is expected";
  return value.every(({ weight }) => weight === 0) ? "all have the weight 0" : null;
};

const areUsers: FindFault = (value) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return "at least one class of users is expected";
  return list.every((item) => item instanceof User) ? null : "what defineUser() makes is expected";
};

const areThresholds: FindFault = (value) => {
  if (!Array.isArray(value)) return isTexts(value);
  for (const expression of value) {
    const fault = findThresholdFault(expression);
    if (fault !== null) return fault;
  }
  return null;
};

/** A class of users. */
export function defineUser(options: UserOptions): User {
  return new User(options);
}

/** What users do, and how often beside their other tasks. */
export function task(weight: number, run: TaskFunction, options: TaskOptions = {}): Task {
  return new Task(weight, run, options);
}

/** A load test with more than users. A script may also export its users alone, one or a list. */
export function defineLoadTest(options: LoadTestOptions): LoadTestDefinition {
  return new LoadTestDefinition(options);
}

/** Waits anything from `least` to `most` seconds, all equally likely. */
export function between(least: number, most: number): WaitTime {
  const waitTime: WaitTime = (random) => least + random.uniform() * (most - least);
  if (!(least >= 0 && most >= least && most < Infinity)) {
    const message = `between(${least}, ${most}): seconds are expected, the smaller first and none negative`;
    WAIT_MISTAKES.set(waitTime, [{ at: findPlace(between), message }]);
  }
  return waitTime;
}

/** Waits the same seconds each time. */
export function constant(seconds: number): WaitTime {
  const waitTime: WaitTime = () => seconds;
  if (!(seconds >= 0 && seconds < Infinity)) {
    const message = `constant(${seconds}): seconds are expected, not negative`;
    WAIT_MISTAKES.set(waitTime, [{ at: findPlace(constant), message }]);
  }
  return waitTime;
}

/**
 * Makes a reply a failure when something about it is not as it should be. To be called before the user's next request; then a reply
 * is counted. A reply that has failed already stays what it is.
 *
 * @param checks by name, under which a failure is counted; one that throws has not held
 * @returns whether all held
 */
export function check(
  reply: Reply,
  checks: Readonly<Record<string, (reply: Reply) => unknown>>,
): boolean {
  if (!reply.ok) return false;
  for (const [name, holds] of Object.entries(checks)) {
    if (!hasHeld(reply, holds)) {
      if (FAIL in reply && typeof reply[FAIL] === "function") reply[FAIL](`check: ${name}`);
      return false;
    }
  }
  return true;
}

function hasHeld(reply: Reply, holds: (reply: Reply) => unknown): boolean {
  try {
    return Boolean(holds(reply));
  } catch {
    return false;
  }
}

const NO_WAIT: WaitTime = () => 0;
const WAIT_MISTAKES = new WeakMap<WaitTime, readonly Mistake[]>();
