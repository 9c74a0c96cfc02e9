import type { Random } from "../kernel/random.ts";
import { findPlace } from "./place.ts";

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
  /** How many of all users are of this class, beside the weights of the others. @default 1 */
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

/** A mistake in a script. */
export interface Mistake {
  /** `file:line`. */
  readonly at: string;
  readonly message: string;
}

export class Task {
  readonly weight: number;
  readonly run: TaskFunction;
  readonly name: string;
  readonly tags: readonly string[];
  readonly mistakes: readonly Mistake[];

  constructor(weight: number, run: TaskFunction, options: TaskOptions) {
    const check = new Checker("task", task);
    check.weight(weight, "its weight");
    check.isFunction(run, "its second argument");
    check.options(options, { name: "text", tags: "texts" });
    this.weight = weight;
    this.run = run;
    const name = options?.name ?? run?.name;
    this.name = typeof name === "string" && name !== "" ? name : "task";
    this.tags = options?.tags ?? [];
    this.mistakes = check.mistakes;
  }
}

export class User {
  readonly name: string | null;
  readonly weight: number;
  readonly host: string | null;
  readonly waitTime: WaitTime;
  readonly tasks: readonly Task[];
  readonly onStart: TaskFunction | null;
  readonly onStop: TaskFunction | null;
  readonly mistakes: readonly Mistake[];

  constructor(options: UserOptions) {
    const check = new Checker("defineUser", defineUser);
    const given = check.options(options, {
      name: "text",
      weight: "weight",
      host: "host",
      waitTime: "function",
      tasks: "tasks",
      onStart: "function",
      onStop: "function",
    });
    this.name = given.name ?? null;
    this.weight = given.weight ?? 1;
    this.host = given.host ?? null;
    this.waitTime = given.waitTime ?? NO_WAIT;
    this.tasks = Array.isArray(given.tasks) ? given.tasks : [];
    this.onStart = given.onStart ?? null;
    this.onStop = given.onStop ?? null;
    const ofWait = WAIT_MISTAKES.get(this.waitTime) ?? [];
    const ofTasks = this.tasks.flatMap((one) => (one instanceof Task ? one.mistakes : []));
    this.mistakes = [...check.mistakes, ...ofWait, ...ofTasks];
  }
}

export class LoadTestDefinition {
  readonly users: readonly User[];
  readonly shape: Shape | null;
  readonly thresholds: readonly string[];
  readonly mistakes: readonly Mistake[];

  constructor(options: LoadTestOptions) {
    const check = new Checker("defineLoadTest", defineLoadTest);
    const given = check.options(options, {
      users: "users",
      shape: "function",
      thresholds: "texts",
    });
    const users = given.users instanceof User ? [given.users] : (given.users ?? []);
    this.users = Array.isArray(users) ? users.filter((user) => user instanceof User) : [];
    this.shape = given.shape ?? null;
    this.thresholds = given.thresholds ?? [];
    this.mistakes = [...check.mistakes, ...this.users.flatMap((user) => user.mistakes)];
  }
}

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

/** The method of a reply that makes it a failure of the kind that it is given. */
export const FAIL: unique symbol = Symbol("fail");

const NO_WAIT: WaitTime = () => 0;
const WAIT_MISTAKES = new WeakMap<WaitTime, readonly Mistake[]>();

type Kind = "text" | "texts" | "weight" | "host" | "function" | "tasks" | "users";

/** Notes what is wrong with one call of a script, and where the call is. */
class Checker {
  readonly mistakes: Mistake[] = [];
  readonly #what: string;
  readonly #at: string;

  /** @param callee the function that the script has called */
  constructor(what: string, callee: (...values: never) => unknown) {
    this.#what = what;
    this.#at = findPlace(callee);
  }

  weight(value: unknown, what: string): void {
    if (typeof value !== "number" || !(value >= 0) || value === Infinity) {
      this.#note(`${what} is ${show(value)}; a number is expected, not negative`);
    }
  }

  isFunction(value: unknown, what: string): void {
    if (typeof value !== "function")
      this.#note(`${what} is ${show(value)}; a function is expected`);
  }

  /** Gives the options without those that are of the wrong type. */
  options<T extends object>(
    given: T,
    kinds: { readonly [K in keyof Required<T>]: Kind },
  ): Partial<T> {
    if (typeof given !== "object" || given === null) {
      this.#note(`its options are ${show(given)}; an object is expected`);
      return {};
    }
    const usable: Partial<T> = { ...given };
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(kinds, name)) {
        this.#note(`has the unknown option "${name}"; it knows ${Object.keys(kinds).join(", ")}`);
      }
    }
    for (const name of ["tasks", "users"]) {
      if (Object.hasOwn(kinds, name) && !Object.hasOwn(given, name)) this.#note(`needs ${name}`);
    }
    for (const [name, kind] of Object.entries<Kind>(kinds)) {
      const value: unknown = Reflect.get(given, name);
      if (value === undefined) continue;
      const before = this.mistakes.length;
      this.#check(name, kind, value);
      if (this.mistakes.length > before) Reflect.deleteProperty(usable, name);
    }
    return usable;
  }

  #check(name: string, kind: Kind, value: unknown): void {
    switch (kind) {
      case "weight":
        return this.weight(value, name);
      case "function":
        return this.isFunction(value, name);
      case "text":
        if (typeof value !== "string" || value === "")
          this.#note(`${name} is ${show(value)}; a text is expected`);
        return;
      case "host":
        if (!isHost(value))
          this.#note(`${name} is ${show(value)}; an address as http://127.0.0.1:8000 is expected`);
        return;
      case "texts":
        if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
          this.#note(`${name} is ${show(value)}; a list of texts is expected`);
        }
        return;
      case "tasks":
        if (!Array.isArray(value)) {
          this.#note(`tasks is ${show(value)}; a list is expected`);
        } else if (value.length === 0) {
          this.#note("has no task");
        } else if (!value.every((item) => item instanceof Task)) {
          this.#note("tasks has something that task() has not made");
        } else if (value.every((item: Task) => item.weight === 0)) {
          this.#note("all tasks have the weight 0");
        }
        return;
      case "users": {
        const list: readonly unknown[] = Array.isArray(value) ? value : [value];
        if (list.length === 0) this.#note("has no users");
        if (!list.every((item) => item instanceof User)) {
          this.#note("users has something that defineUser() has not made");
        }
      }
    }
  }

  #note(message: string): void {
    this.mistakes.push({ at: this.#at, message: `${this.#what}: ${message}` });
  }
}

/** Whether it is an address of a server: a scheme, a name, perhaps a port and nothing else. */
export function isHost(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(value);
  return (
    (protocol === "http:" || protocol === "https:") &&
    hostname !== "" &&
    pathname === "/" &&
    search === "" &&
    hash === ""
  );
}

function show(value: unknown): string {
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
}
