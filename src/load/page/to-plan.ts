import { Compile } from "typebox/compile";
import type { Problem } from "../../kernel/errors.ts";
import { TepalError } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import type { PlanChange, RunPlan } from "../plan.ts";
import { PLAN, PROFILE } from "./report-schema.ts";

const PLANS = Compile(PLAN);
const PROFILES = Compile(PROFILE);
const KINDS = [
  "users (users, spawn_rate)",
  "constant_rate (rate, poisson, max_users)",
  "ramping_rate (from_rate, to_rate, ramp_seconds, poisson, max_users)",
  "baseline, gradual, stress, recovery (users, spawn_rate, stage_seconds)",
  "custom",
].join("; ");

/**
 * A plan from a request's body: what it does not say is as in the defaults. A profile is taken whole. Here only what a field is called
 * and of which type it is gets judged; whether such a run makes sense is the load test's to say.
 *
 * @throws TepalError INVALID_PLAN with every problem
 */
export function toPlan(body: unknown, defaults: RunPlan): RunPlan {
  const given = toObject(body);
  const problems = findUnknown(given, Object.keys(defaults));
  const merged = { ...defaults, ...given };
  if (PLANS.Check(merged) && problems.length === 0) return merged;
  if (!PROFILES.Check(merged.profile)) {
    problems.push({ at: "/profile", message: `has a kind and its fields: ${KINDS}` });
  }
  for (const { instancePath, message } of PLANS.Errors(merged)) {
    if (!instancePath.startsWith("/profile")) problems.push({ at: instancePath, message });
  }
  throw toPlanError(problems);
}

/** @throws TepalError INVALID_PLAN with every problem */
export function toChange(body: unknown): PlanChange {
  const given = toObject(body);
  const known = ["users", "spawn_rate", "rate"];
  const problems = findUnknown(given, known);
  for (const name of known) {
    const value = given[name];
    if (value !== undefined && typeof value !== "number") {
      problems.push({ at: `/${name}`, message: "must be a number" });
    }
  }
  if (Object.keys(given).length === 0) {
    problems.push({ at: "", message: `says nothing; it may have ${known.join(", ")}` });
  }
  if (problems.length > 0) throw toPlanError(problems);
  return given;
}

function toObject(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) return {};
  if (isJsonObject(body)) return body;
  throw toPlanError([{ at: "", message: "must be a JSON object" }]);
}

function findUnknown(given: object, known: readonly string[]): Problem[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      at: `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      message: `is not known; there are ${known.join(", ")}`,
    }));
}

function toPlanError(problems: readonly Problem[]): TepalError {
  const text = problems.map(({ at, message }) => `${at} ${message}`.trim()).join("; ");
  return new TepalError("INVALID_PLAN", `The load test cannot be run like that: ${text}`, {
    problems,
  });
}
