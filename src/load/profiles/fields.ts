import { booleanField, durationField, integerField, numberField } from "../contract/field.ts";

/** Fields that several profiles have. Rates are per second, over all generators. */

export const MAX_USERS_LIMIT = 100_000;
export const MAX_RATE = 1_000_000;
export const MAX_SECONDS = 30 * 24 * 3_600;

export const USERS = integerField({
  title: "Users",
  description: "Concurrent users; for a shape, the maximum",
  default: 10,
  minimum: 1,
  maximum: MAX_USERS_LIMIT,
  "x-unit": "at the peak",
  "x-option": "users",
});

export const SPAWN_RATE = numberField({
  title: "Spawn rate",
  description: "Users started or stopped per second",
  default: 1,
  minimum: 0.001,
  maximum: MAX_USERS_LIMIT,
  "x-unit": "per second",
  "x-option": "spawnRate",
});

export const STAGE_SECONDS = durationField({
  title: "Stage duration",
  description: "Duration of each stage of a shape",
  default: 60,
  // A run compares the elapsed time with its stages once per second.
  minimum: 1,
  maximum: MAX_SECONDS,
  "x-option": "stageTime",
});

export const RATE = numberField({
  title: "Rate",
  description: "Open model: iterations started per second (0 = closed model)",
  default: 10,
  minimum: 0,
  maximum: MAX_RATE,
  "x-unit": "per second",
  "x-option": "rate",
});

export const POISSON = booleanField({
  title: "Poisson arrivals",
  description: "Open model: random intervals between arrivals instead of equal ones",
  default: false,
  "x-hint": "Random intervals, as from independent clients",
  "x-option": "poisson",
});

export const MAX_USERS = integerField({
  title: "Maximum users",
  description:
    "Open model: maximum iterations in progress; further arrivals are dropped and counted",
  default: 1_000,
  minimum: 1,
  maximum: MAX_USERS_LIMIT,
  "x-unit": "at a time",
  "x-hint": "Further arrivals are dropped and counted",
  "x-option": "maxUsers",
});
