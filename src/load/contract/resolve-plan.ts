import { TepalError, type Problem } from "../../kernel/errors.ts";
import { isJsonObject, type JsonObject } from "../../kernel/json.ts";
import { isOrigin } from "../script/script-check.ts";
import type { PlanChange, Profile, RunPlan } from "./plan.ts";
import type { ScriptDescription } from "./script-description.ts";
import { findThresholdFault } from "./threshold.ts";

/** What a run does of which nobody has said anything. */
export const DEFAULT_PLAN: RunPlan = {
  host: "http://127.0.0.1:8000",
  profile: { kind: "users", users: 10, spawn_rate: 1 },
  run_time_seconds: null,
  user_classes: [],
  tags: [],
  exclude_tags: [],
  thresholds: [],
  seed: 42,
  stop_timeout_seconds: 10,
};

const MOST_USERS = 100_000;
const MOST_RATE = 1_000_000;
const MOST_SECONDS = 30 * 24 * 3_600;
const KINDS = [
  "users",
  "constant_rate",
  "ramping_rate",
  "baseline",
  "gradual",
  "stress",
  "recovery",
  "custom",
] as const;

/**
 * A plan from what is given of it, as JSON; the rest comes from the defaults. A profile of the default's kind is filled up from it.
 * @throws TepalError INVALID_OPTION that lists every problem, by the field's JSON pointer
 */
export function resolvePlan(
  given: unknown,
  defaults: RunPlan,
  script: Pick<ScriptDescription, "user_classes" | "has_shape">,
): RunPlan {
  const check = new PlanChecker();
  if (!isJsonObject(given)) throw check.fail("", "an object is expected");
  check.known(given, "", Object.keys(DEFAULT_PLAN));
  const classes = script.user_classes.map(({ name }) => name);
  const tags = new Set(
    script.user_classes.flatMap(({ tasks }) => tasks.flatMap((task) => task.tags)),
  );
  const plan: RunPlan = {
    host: check.host(given["host"] ?? defaults.host),
    profile: readProfile(check, given["profile"], defaults.profile, script.has_shape),
    run_time_seconds: check.orNull(given["run_time_seconds"], defaults.run_time_seconds, (value) =>
      check.number(value, "/run_time_seconds", 0.1, MOST_SECONDS),
    ),
    user_classes: check.texts(
      given["user_classes"] ?? defaults.user_classes,
      "/user_classes",
      (name) =>
        classes.includes(name)
          ? null
          : `there is no class ${JSON.stringify(name)}; there are ${classes.join(", ")}`,
    ),
    tags: check.texts(given["tags"] ?? defaults.tags, "/tags", (tag) =>
      tags.has(tag) ? null : `no task has the tag ${JSON.stringify(tag)}`,
    ),
    exclude_tags: check.texts(
      given["exclude_tags"] ?? defaults.exclude_tags,
      "/exclude_tags",
      () => null,
    ),
    thresholds: check.texts(
      given["thresholds"] ?? defaults.thresholds,
      "/thresholds",
      findThresholdFault,
    ),
    seed: check.whole(given["seed"] ?? defaults.seed, "/seed", 0, 2 ** 32 - 1),
    stop_timeout_seconds: check.number(
      given["stop_timeout_seconds"] ?? defaults.stop_timeout_seconds,
      "/stop_timeout_seconds",
      0,
      3_600,
    ),
  };
  if (!check.hasProblems && !hasTasks(plan, script)) {
    check.note("/tags", "no task is left to do; choose other classes or tags");
  }
  check.end();
  return plan;
}

/**
 * A change of the load from what is given of it, as JSON.
 * @throws TepalError INVALID_OPTION that lists every problem
 */
export function resolvePlanChange(given: unknown, profile: Profile): PlanChange {
  const check = new PlanChecker();
  if (!isJsonObject(given)) throw check.fail("", "an object is expected");
  check.known(given, "", ["users", "spawn_rate", "rate"]);
  const change: { users?: number; spawn_rate?: number; rate?: number } = {};
  const isClosed = profile.kind === "users";
  const isOpen = profile.kind === "constant_rate" || profile.kind === "ramping_rate";
  if (given["users"] !== undefined) {
    change.users = check.whole(given["users"], "/users", 0, MOST_USERS);
    if (!isClosed) check.note("/users", `a run of the profile ${profile.kind} does not take it`);
  }
  if (given["spawn_rate"] !== undefined) {
    change.spawn_rate = check.number(given["spawn_rate"], "/spawn_rate", 0.001, MOST_USERS);
    if (!isClosed)
      check.note("/spawn_rate", `a run of the profile ${profile.kind} does not take it`);
  }
  if (given["rate"] !== undefined) {
    change.rate = check.number(given["rate"], "/rate", 0, MOST_RATE);
    if (!isOpen) check.note("/rate", `a run of the profile ${profile.kind} does not take it`);
  }
  if (Object.keys(given).length === 0) check.note("", "nothing is to be changed");
  check.end();
  return change;
}

function readProfile(
  check: PlanChecker,
  given: unknown,
  fallback: Profile,
  hasShape: boolean,
): Profile {
  if (given === undefined) return fallback;
  const fields: JsonObject = isJsonObject(given) ? given : {};
  const kind = KINDS.find((known) => known === (fields["kind"] ?? fallback.kind));
  if (kind === undefined || !isJsonObject(given)) {
    check.note("/profile/kind", `one of ${KINDS.join(", ")} is expected`);
    return fallback;
  }
  const known: JsonObject = {
    ...PROFILE_DEFAULTS,
    ...(fallback.kind === kind ? fallback : {}),
    ...fields,
  };
  const users = (): number => check.whole(known["users"], "/profile/users", 1, MOST_USERS);
  const spawnRate = (): number =>
    check.number(known["spawn_rate"], "/profile/spawn_rate", 0.001, MOST_USERS);
  const rate = (name: string): number =>
    check.number(known[name], `/profile/${name}`, 0, MOST_RATE);
  const seconds = (name: string, least: number): number =>
    check.number(known[name], `/profile/${name}`, least, MOST_SECONDS);
  const maxUsers = (): number =>
    check.whole(known["max_users"], "/profile/max_users", 1, MOST_USERS);
  const only = (names: readonly string[]): void =>
    check.known(fields, "/profile", ["kind", ...names]);
  switch (kind) {
    case "users":
      only(["users", "spawn_rate"]);
      return { kind, users: users(), spawn_rate: spawnRate() };
    case "constant_rate":
      only(["rate", "poisson", "max_users"]);
      return {
        kind,
        rate: rate("rate"),
        poisson: check.isTrue(known["poisson"], "/profile/poisson"),
        max_users: maxUsers(),
      };
    case "ramping_rate":
      only(["from_rate", "to_rate", "ramp_seconds", "poisson", "max_users"]);
      return {
        kind,
        from_rate: rate("from_rate"),
        to_rate: rate("to_rate"),
        ramp_seconds: seconds("ramp_seconds", 0.1),
        poisson: check.isTrue(known["poisson"], "/profile/poisson"),
        max_users: maxUsers(),
      };
    case "custom":
      only([]);
      if (!hasShape) check.note("/profile/kind", "the script has no shape of its own");
      return { kind };
    default:
      only(["users", "spawn_rate", "stage_seconds"]);
      return {
        kind,
        users: users(),
        spawn_rate: spawnRate(),
        // A run looks each second at which stage it is in.
        stage_seconds: seconds("stage_seconds", 1),
      };
  }
}

/** For a profile of which only the kind is said. */
const PROFILE_DEFAULTS: JsonObject = {
  users: 10,
  spawn_rate: 1,
  stage_seconds: 60,
  rate: 10,
  from_rate: 1,
  to_rate: 100,
  ramp_seconds: 60,
  poisson: false,
  max_users: 1_000,
};

function hasTasks(plan: RunPlan, script: Pick<ScriptDescription, "user_classes">): boolean {
  return script.user_classes.some(
    ({ name, weight, tasks }) =>
      weight > 0 &&
      (plan.user_classes.length === 0 || plan.user_classes.includes(name)) &&
      tasks.some(
        (task) =>
          task.weight > 0 &&
          (plan.tags.length === 0 || task.tags.some((tag) => plan.tags.includes(tag))) &&
          !task.tags.some((tag) => plan.exclude_tags.includes(tag)),
      ),
  );
}

/** Notes what is wrong with a plan, and goes on with something harmless. */
class PlanChecker {
  readonly #problems: Problem[] = [];

  get hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  note(at: string, message: string): void {
    this.#problems.push({ at, message });
  }

  fail(at: string, message: string): TepalError {
    this.note(at, message);
    return this.#toError();
  }

  end(): void {
    if (this.hasProblems) throw this.#toError();
  }

  known(given: JsonObject, at: string, names: readonly string[]): void {
    for (const name of Object.keys(given)) {
      if (!names.includes(name)) {
        this.note(`${at}/${name}`, `is not known here; ${names.join(", ")} are`);
      }
    }
  }

  number(value: unknown, at: string, least: number, most: number): number {
    if (typeof value === "number" && value >= least && value <= most) return value;
    this.note(at, `is ${JSON.stringify(value)}; a number from ${least} to ${most} is expected`);
    return least;
  }

  whole(value: unknown, at: string, least: number, most: number): number {
    if (Number.isInteger(value)) return this.number(value, at, least, most);
    this.note(
      at,
      `is ${JSON.stringify(value)}; a whole number from ${least} to ${most} is expected`,
    );
    return least;
  }

  orNull<T>(value: unknown, fallback: T | null, read: (value: unknown) => T): T | null {
    if (value === undefined) return fallback;
    return value === null ? null : read(value);
  }

  isTrue(value: unknown, at: string): boolean {
    if (typeof value !== "boolean")
      this.note(at, `is ${JSON.stringify(value)}; true or false is expected`);
    return value === true;
  }

  host(value: unknown): string {
    if (isOrigin(value)) return new URL(value).origin;
    this.note(
      "/host",
      `is ${JSON.stringify(value)}; an address as http://127.0.0.1:8000 is expected`,
    );
    return "";
  }

  texts(value: unknown, at: string, findFault: (text: string) => string | null): readonly string[] {
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      this.note(at, `is ${JSON.stringify(value)}; a list of texts is expected`);
      return [];
    }
    for (const [i, text] of value.entries()) {
      const fault = findFault(text);
      if (fault !== null) this.note(`${at}/${i}`, fault);
    }
    return value;
  }

  #toError(): TepalError {
    const listed = this.#problems.map(({ at, message }) => `${at} ${message}`.trim()).join("\n");
    return new TepalError("INVALID_OPTION", listed, { problems: this.#problems });
  }
}
