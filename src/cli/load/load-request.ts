import { readFile } from "node:fs/promises";
import { resolveOptions } from "../../config/resolve-options.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import type { OptionValues } from "../../kernel/options.ts";
import type { HttpOptions } from "../../load/generator/http-options.ts";
import type { Profile, RunPlan } from "../../load/contract/plan.ts";
import type { ScriptDescription } from "../../load/contract/script-description.ts";
import { parseDuration } from "../options/duration.ts";
import { LOAD_OPTIONS } from "../options/load-options.ts";

/** What the words of `tepal load` come to. */
export interface LoadRequest {
  readonly options: LoadOptionValues;
  readonly http: HttpOptions;
  /** As far as it does not depend on the script; `toPlan` does the rest. */
  readonly thresholds: readonly string[];
}

export type LoadOptionValues = OptionValues<typeof LOAD_OPTIONS>;

/** @throws TepalError INVALID_OPTION */
export async function resolveLoadRequest(
  flags: Readonly<Record<string, unknown>>,
): Promise<LoadRequest> {
  const { threshold, header, ...declared } = flags;
  const options = resolveOptions(LOAD_OPTIONS, { flags: declared });
  return {
    options,
    http: {
      timeoutSeconds: options.timeout,
      headers: {
        ...(options.keyFile === null ? {} : { authorization: await readKey(options.keyFile) }),
        ...parseHeaders(toTexts(header)),
      },
      ca: options.ca === null ? null : await read(options.ca, "--ca"),
      verify: !options.insecure,
    },
    thresholds: toTexts(threshold),
  };
}

/**
 * The plan of a run; what nobody has said comes from the script.
 * @param isGiven whether a flag was given, by its option's name
 */
export function toPlan(
  { options, thresholds }: LoadRequest,
  script: ScriptDescription,
  isGiven: (name: string) => boolean,
): RunPlan {
  return {
    host: options.host,
    profile: toProfile(options, script, isGiven),
    run_time_seconds: options.runTime === null ? null : parseDuration(options.runTime, "run-time"),
    user_classes: options.userClasses,
    tags: options.tags,
    exclude_tags: options.excludeTags,
    thresholds: [...script.thresholds, ...thresholds],
    seed: options.seed,
    stop_timeout_seconds: options.stopTimeout,
  };
}

function toProfile(
  options: LoadOptionValues,
  script: ScriptDescription,
  isGiven: (name: string) => boolean,
): Profile {
  const { shape, users, spawnRate, rate, rampTime, poisson } = options;
  if (rate > 0) {
    if (shape !== "none") fail("--rate is an open model, --shape a closed one; give one of them");
    const open = { poisson, max_users: options.maxUsers };
    if (rampTime === null) return { kind: "constant_rate", rate, ...open };
    const seconds = parseDuration(rampTime, "ramp-time");
    return {
      kind: "ramping_rate",
      from_rate: options.rampFrom,
      to_rate: rate,
      ramp_seconds: seconds,
      ...open,
    };
  }
  for (const name of ["poisson", "maxUsers", "rampFrom", "rampTime"]) {
    if (isGiven(name)) fail("--poisson, --max-users, --ramp-from and --ramp-time need --rate");
  }
  if (shape === "custom") return { kind: "custom" };
  if (shape !== "none") {
    const seconds = parseDuration(options.stageTime, "stage-time");
    return { kind: shape, users, spawn_rate: spawnRate, stage_seconds: seconds };
  }
  if (script.has_shape && !isGiven("users")) return { kind: "custom" };
  return { kind: "users", users, spawn_rate: spawnRate };
}

async function readKey(file: string): Promise<string> {
  const key = (await read(file, "--key-file")).trim();
  if (!/^[\x21-\x7e]+$/.test(key)) fail(`--key-file ${file} does not hold a key on one line`);
  return `Bearer ${key}`;
}

function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      fail(`--header is ${JSON.stringify(text)}; "Name: value" is expected`);
    }
    headers[name.toLowerCase()] = value.trim();
  }
  return headers;
}

async function read(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    return fail(`${option} ${file} cannot be read: ${toMessage(error)}`);
  }
}

function toTexts(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map(String) : [];
}

function fail(message: string): never {
  throw new TepalError("INVALID_OPTION", message);
}
