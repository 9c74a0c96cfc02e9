import { readFile } from "node:fs/promises";
import { resolveOptions } from "../../config/resolve-options.ts";
import { describeMismatch, InputProblems, toInputError } from "../../kernel/check.ts";
import { fromSchema } from "../../kernel/check/schema.ts";
import { TepalError, toMessage, type Problem } from "../../kernel/errors.ts";
import type { OptionDeclarations, OptionValues } from "../../kernel/options.ts";
import { PLAN_FIELDS, type RunPlan } from "../../load/contract/plan.ts";
import { DEFAULT_PLAN, resolvePlan } from "../../load/contract/resolve-plan.ts";
import type { ScriptDescription } from "../../load/contract/script-description.ts";
import type { HostHeaders, HttpOptions } from "../../load/generator/http-options.ts";
import type { ProfileOptions } from "../../load/profiles/profile.ts";
import { LOAD_OPTIONS } from "../options/load-options.ts";
import { PROFILE_OPTIONS } from "../options/profile-options.ts";
import { selectProfile, toFlag, toProfileFlag } from "./select-profile.ts";

/** The options of `tepal load`, checked as far as they do not depend on the script. */
export interface LoadRequest {
  readonly options: LoadOptionValues;
  readonly profileOptions: OptionValues<OptionDeclarations>;
  readonly http: HttpOptions;
  /** Reads the file of --key-file again. @throws TepalError INVALID_OPTION */
  readHeaders(): Promise<HostHeaders | null>;
  readonly thresholds: readonly string[];
}

export type LoadOptionValues = OptionValues<typeof LOAD_OPTIONS>;

/** @throws TepalError INVALID_OPTION with all problems */
export async function resolveLoadRequest(
  flags: Readonly<Record<string, unknown>>,
): Promise<LoadRequest> {
  const { threshold, header, ...declared } = flags;
  const options = resolveOptions(LOAD_OPTIONS, { flags: declared });
  const profileOptions = resolveOptions(PROFILE_OPTIONS, { flags: declared });
  const problems = new InputProblems();
  const { host, keyFile, ca, timeout, insecure } = options;
  if (options.model !== null && !options.init) problems.add("--model", "It requires --init.");
  const given = parseHeaders(toStrings(header), problems);
  async function readHeadersInto(found: InputProblems): Promise<HostHeaders | null> {
    const values = { ...(keyFile !== null && (await readKey(keyFile, found))), ...given };
    return Object.keys(values).length === 0 ? null : { host, values };
  }
  const http: HttpOptions = {
    timeoutSeconds: timeout,
    headers: await readHeadersInto(problems),
    ca: ca === null ? null : await readOptionFile(ca, "--ca", problems),
    verify: !insecure,
  };
  problems.throwIfAny("INVALID_OPTION", "option");
  async function readHeaders(): Promise<HostHeaders | null> {
    const found = new InputProblems();
    const headers = await readHeadersInto(found);
    found.throwIfAny("INVALID_OPTION", "option");
    return headers;
  }
  return { options, profileOptions, http, readHeaders, thresholds: toStrings(threshold) };
}

/**
 * Makes the plan of a run from the options and the script.
 *
 * @param isGiven returns true if the user gave the option
 * @throws TepalError INVALID_OPTION with all problems
 */
export function toPlan(
  { options, profileOptions, thresholds }: LoadRequest,
  script: ScriptDescription,
  isGiven: (name: string) => boolean,
): RunPlan {
  const problems = new InputProblems();
  const profile = selectProfile(profileOptions, script, isGiven, problems);
  const runTime = problems.read(fromSchema(PLAN_FIELDS.run_time_seconds), options.runTime, {
    at: "--run-time",
    coerce: true,
  });
  problems.throwIfAny("INVALID_OPTION", "option");
  const plan = {
    host: options.host,
    profile,
    run_time_seconds: runTime,
    user_classes: options.userClasses,
    tags: options.tags,
    exclude_tags: options.excludeTags,
    thresholds: [...script.thresholds, ...thresholds],
    workers: options.workers,
    seed: options.seed,
    stop_timeout_seconds: options.stopTimeout,
  };
  try {
    return resolvePlan(plan, DEFAULT_PLAN, script);
  } catch (error) {
    if (!(error instanceof TepalError) || error.code !== "INVALID_PLAN") throw error;
    const found = error.problems.map((problem) => toFlagProblem(problem, profile));
    throw toInputError("INVALID_OPTION", "option", found);
  }
}

/** Replaces the JSON pointer of a problem with the flag of its field. */
function toFlagProblem({ at, message }: Problem, profile: ProfileOptions): Problem {
  const [, name = "", inner = ""] = at.split("/");
  if (name === "profile") return { at: toProfileFlag(profile, inner), message };
  const field = Object.entries(PLAN_FIELDS).find(([known]) => known === name);
  return { at: field === undefined ? at : toFlag(field[1]["x-option"]), message };
}

async function readKey(
  file: string,
  problems: InputProblems,
): Promise<{ readonly authorization: string }> {
  const written = await readOptionFile(file, "--key-file", problems);
  const key = written?.trim() ?? "";
  if (written !== null && !/^[\x21-\x7e]+$/.test(key)) {
    problems.add("--key-file", `Expected a file with a key on one line, got ${file}.`);
  }
  return { authorization: `Bearer ${key}` };
}

function parseHeaders(
  written: readonly string[],
  problems: InputProblems,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const header of written) {
    const [, name, value = ""] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([\t\x20-\x7e\x80-\xff]*)$/.exec(header) ?? [];
    if (name === undefined) problems.add("--header", describeMismatch('"Name: value"', header));
    else headers[name.toLowerCase()] = value.trim();
  }
  return headers;
}

/** Returns null, and adds a problem, if the file cannot be read. */
async function readOptionFile(
  file: string,
  flag: string,
  problems: InputProblems,
): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    problems.add(flag, `Cannot read ${file}: ${toMessage(error)}`);
    return null;
  }
}

function toStrings(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map(String) : [];
}
