import { Type, type Static } from "typebox";
import { MAX_SECONDS } from "../profiles/fields.ts";
import { ProfileSchema } from "../profiles/profiles.ts";
import { durationField, integerField, listField, orNull, hostField, type Frozen } from "./field.ts";

export type { Profile } from "../profiles/profiles.ts";
export type { PlanChange } from "./plan-change.ts";

/** Fields of a plan beside its profile. */
export const PLAN_FIELDS = {
  host: hostField({
    title: "Host",
    description: "Server under test, with its path prefix; user classes may override it",
    default: "http://127.0.0.1:8000",
    "x-hint": "Target of the requests",
    "x-option": "host",
  }),
  run_time_seconds: Object.assign(
    orNull(Type.Number({ format: "duration", minimum: 0.1, maximum: MAX_SECONDS })),
    {
      title: "Run time",
      description: "Duration of the run, for example 90s, 10m or 1h30m",
      default: null,
      "x-hint": "For example 90s, 5m or 1h30m; empty: until it is stopped",
      "x-option": "runTime",
    },
  ),
  user_classes: listField({
    title: "User classes",
    description: "Only users of these classes",
    default: [],
    "x-hint": "None selected: all classes",
    "x-option": "userClasses",
  }),
  tags: listField({
    title: "Only tasks tagged",
    description: "Only tasks with one of these tags",
    default: [],
    "x-hint": "None selected: all tasks",
    "x-option": "tags",
  }),
  exclude_tags: listField({
    title: "No tasks tagged",
    description: "No task with one of these tags",
    default: [],
    "x-option": "excludeTags",
  }),
  thresholds: listField({
    title: "Thresholds",
    description: "Limit, for example predict:p(95)<50 (ms), failures<0.01 or rps>100; repeatable",
    default: [],
    "x-hint":
      "One per line, for example p(95)<50 or failures<0.01. The run fails if one is crossed",
    "x-option": "threshold",
  }),
  workers: integerField({
    title: "Workers",
    description: "Generator processes that share the users",
    default: 1,
    minimum: 1,
    maximum: 256,
    "x-unit": "processes",
    "x-hint": "Each uses a CPU core of its own",
    "x-option": "workers",
  }),
  seed: integerField({
    title: "Random seed",
    description: "Random seed; users repeat their tasks, waits and rows",
    default: 42,
    minimum: 0,
    maximum: 2 ** 32 - 1,
    "x-hint": "The same seed repeats the same rows, choices and waits",
    "x-option": "seed",
  }),
  stop_timeout_seconds: durationField({
    title: "Stop timeout",
    description: "Seconds for requests in flight after a stop; later ones are abandoned",
    default: 10,
    minimum: 0,
    maximum: 3_600,
    "x-hint": "For requests in flight after a stop",
    "x-option": "stopTimeout",
  }),
} as const;

/** A run to do, as JSON: from flags, from the page, or from Locust's form. `resolvePlan` checks it and fills in the defaults. */
export const PlanSchema = Type.Object({
  /** URL of the server, without a trailing slash: `http://127.0.0.1:8000`. */
  host: Type.String(),
  profile: ProfileSchema,
  /** null: until the run is stopped, or its stages end. */
  run_time_seconds: orNull(Type.Number()),
  /** Empty: all classes. */
  user_classes: Type.Array(Type.String()),
  /** Empty: all tasks. */
  tags: Type.Array(Type.String()),
  exclude_tags: Type.Array(Type.String()),
  thresholds: Type.Array(Type.String()),
  workers: Type.Integer(),
  seed: Type.Integer(),
  stop_timeout_seconds: Type.Number(),
});

export type RunPlan = Frozen<Static<typeof PlanSchema>>;
