import { Compile } from "typebox/compile";
import { InputProblems, type Parser } from "../../kernel/check.ts";
import { list, object } from "../../kernel/check/containers.ts";
import { fromSchema } from "../../kernel/check/schema.ts";
import { oneOf, refine, string } from "../../kernel/check/values.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { getProfile, PROFILES, ProfileRequestSchema, ProfileSchema } from "../profiles/profiles.ts";
import { PlanChangeSchema } from "./plan-change.ts";
import { PLAN_FIELDS, type PlanChange, type Profile, type RunPlan } from "./plan.ts";
import type { ScriptDescription } from "./script-description.ts";
import { findThresholdProblem } from "./threshold.ts";

type Script = Pick<ScriptDescription, "user_classes" | "has_shape">;

const profileParser: Parser<Profile> = fromSchema(ProfileRequestSchema);
const changeParser: Parser<PlanChange> = fromSchema(PlanChangeSchema);

/** The plan of a run for which nothing is set. */
export const DEFAULT_PLAN: RunPlan = {
  host: PLAN_FIELDS.host.default,
  profile: toDefaultProfile(),
  run_time_seconds: PLAN_FIELDS.run_time_seconds.default,
  user_classes: PLAN_FIELDS.user_classes.default,
  tags: PLAN_FIELDS.tags.default,
  exclude_tags: PLAN_FIELDS.exclude_tags.default,
  thresholds: PLAN_FIELDS.thresholds.default,
  workers: PLAN_FIELDS.workers.default,
  seed: PLAN_FIELDS.seed.default,
  stop_timeout_seconds: PLAN_FIELDS.stop_timeout_seconds.default,
};

function toDefaultProfile(): Profile {
  const parsed = profileParser.parse({ kind: PROFILES[0]!.kind }, false);
  if ("issues" in parsed) throw new Error("A field of the default profile has no default");
  return parsed.value;
}

/**
 * Makes a plan from a part of one, as JSON. Missing fields come from `defaults`, those of the profile too if it is of the same kind.
 *
 * @throws TepalError INVALID_PLAN with all problems, by the JSON pointer of the field
 */
export function resolvePlan(given: unknown, defaults: RunPlan, script: Script): RunPlan {
  const problems = new InputProblems();
  const plan = problems.read(createPlanParser(script), complete(given, defaults), { at: "" });
  if (plan !== undefined) addScriptProblems(problems, plan, script);
  problems.throwIfAny("INVALID_PLAN", "plan");
  return plan!;
}

/** Fills in the defaults. Values of a wrong type stay; the parser reports them. */
function complete(given: unknown, defaults: RunPlan): unknown {
  if (!isJsonObject(given)) return given;
  const { profile } = given;
  if (profile === undefined || !isJsonObject(profile)) return { ...defaults, ...given };
  const { kind = defaults.profile.kind } = profile;
  const known = kind === defaults.profile.kind ? defaults.profile : {};
  return { ...defaults, ...given, profile: { ...known, ...profile, kind } };
}

function createPlanParser({ user_classes: classes }: Script): Parser<RunPlan> {
  const tags = new Set(classes.flatMap(({ tasks }) => tasks.flatMap((task) => task.tags)));
  return object({
    host: fromSchema(PLAN_FIELDS.host),
    profile: profileParser,
    run_time_seconds: fromSchema(PLAN_FIELDS.run_time_seconds),
    user_classes: list(oneOf(classes.map(({ name }) => name))),
    tags: list(oneOf([...tags])),
    exclude_tags: fromSchema(PLAN_FIELDS.exclude_tags),
    thresholds: list(refine(string(), findThresholdProblem)),
    workers: fromSchema(PLAN_FIELDS.workers),
    seed: fromSchema(PLAN_FIELDS.seed),
    stop_timeout_seconds: fromSchema(PLAN_FIELDS.stop_timeout_seconds),
  });
}

function addScriptProblems(problems: InputProblems, plan: RunPlan, script: Script): void {
  const { kind } = plan.profile;
  if (getProfile(plan.profile).needsShape && !script.has_shape) {
    problems.add("/profile/kind", `The script has no shape, which the profile ${kind} requires.`);
  } else if (!hasTasks(plan, script)) {
    problems.add("/tags", "No task is left to run. Select other classes or tags.");
  }
}

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

/**
 * Checks a change of the load of a run, as JSON.
 *
 * @param profile present profile of the run
 * @throws TepalError INVALID_PLAN with all problems
 */
export function resolvePlanChange(given: unknown, profile: Profile): PlanChange {
  const problems = new InputProblems();
  const change = problems.read(changeParser, given, { at: "" });
  const accepted = Object.keys(getProfile(profile).changes);
  for (const name of Object.keys(PlanChangeSchema.properties)) {
    if (!isJsonObject(given) || given[name] === undefined || accepted.includes(name)) continue;
    const others = accepted.length === 0 ? "" : ` Expected one of: ${accepted.join(", ")}.`;
    problems.add(`/${name}`, `The profile ${profile.kind} does not accept this change.${others}`);
  }
  if (change !== undefined && Object.keys(change).length === 0) {
    problems.add("", "Nothing to change.");
  }
  problems.throwIfAny("INVALID_PLAN", "change");
  return change!;
}

const profileChecker = Compile(ProfileSchema);

/** Returns the profile that a run continues with after a checked change. */
export function changeProfile(profile: Profile, change: PlanChange): Profile {
  const changed: unknown = getProfile(profile).change(profile, change);
  if (!profileChecker.Check(changed)) throw new Error(`${profile.kind} changed to no profile`);
  return changed;
}
