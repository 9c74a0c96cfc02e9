import { describe, expect, it } from "vitest";
import { TepalError } from "../../kernel/errors.ts";
import type { RunPlan } from "../../load/contract/plan.ts";
import { PROFILES } from "../../load/profiles/profiles.ts";
import { resolveLoadRequest, toPlan } from "./load-request.ts";

const SCRIPT = {
  path: "script.ts",
  has_shape: false,
  thresholds: ["failures<0.5"],
  user_classes: [
    {
      name: "Visitor",
      weight: 1,
      host: null,
      tasks: [{ name: "predict", weight: 1, tags: ["model"] }],
    },
  ],
};

async function resolve(
  flags: Readonly<Record<string, unknown>>,
  script: typeof SCRIPT = SCRIPT,
): Promise<RunPlan> {
  const request = await resolveLoadRequest(flags);
  return toPlan(request, script, (name) => flags[name] !== undefined);
}

describe("the plan from flags", () => {
  it("has the defaults, and the thresholds of the script first", async () => {
    expect(await resolve({ threshold: ["rps>1"] })).toEqual({
      host: "http://127.0.0.1:8000",
      profile: { kind: "users", users: 10, spawn_rate: 1 },
      run_time_seconds: null,
      user_classes: [],
      tags: [],
      exclude_tags: [],
      thresholds: ["failures<0.5", "rps>1"],
      workers: 1,
      seed: 42,
      stop_timeout_seconds: 10,
    });
  });

  it.each([
    [
      { users: "5", spawnRate: "2.5" },
      { kind: "users", users: 5, spawn_rate: 2.5 },
    ],
    [
      { shape: "stress", users: "20", stageTime: "1m30s" },
      { kind: "stress", users: 20, spawn_rate: 1, stage_seconds: 90 },
    ],
    [{ rate: "50" }, { kind: "constant_rate", rate: 50, poisson: false, max_users: 1_000 }],
    [
      { rate: "50", rampFrom: "5", rampTime: "10", poisson: true, maxUsers: "9" },
      {
        kind: PROFILES.find(({ selectedBy }) => selectedBy.includes("rampTime"))?.kind,
        from_rate: 5,
        to_rate: 50,
        ramp_seconds: 10,
        poisson: true,
        max_users: 9,
      },
    ],
  ])("%j selects the profile by the set options", async (flags, profile) => {
    expect((await resolve(flags)).profile).toEqual(profile);
  });

  it("runs the shape of a script, unless an option selects another load", async () => {
    const script = { ...SCRIPT, has_shape: true };
    const toKind = async (flags: Readonly<Record<string, unknown>>): Promise<string> =>
      (await resolve(flags, script)).profile.kind;
    expect(await toKind({})).toBe("custom");
    expect(await toKind({ users: "3" })).toBe("users");
    expect(await toKind({ rate: "3" })).toBe("constant_rate");
    expect(await toKind({ shape: "gradual" })).toBe("gradual");
  });

  it.each([
    [{ users: "none" }, ['--users: Expected an integer from 1 to 100000, got "none".']],
    [
      { runTime: "soon" },
      [
        '--run-time: Expected a duration from 0.1 to 2592000 s, for example 90s, 10m or 1h30m, got "soon".',
      ],
    ],
    [{ stageTime: "0.5s", shape: "stress" }, [/^--stage-time: Expected a duration from 1 to /]],
    [
      { threshold: ["p95<5"], host: "ftp://x" },
      [
        /^--host: Expected a URL .*got "ftp:\/\/x"\.$/,
        /^--threshold: Expected a threshold.*"p95<5"\.$/,
      ],
    ],
    [{ rate: "5", shape: "stress" }, [/^--rate: .*Set only one of them\.$/]],
    [{ poisson: true }, ["--poisson: It requires --rate."]],
    [{ rampTime: "5s" }, ["--ramp-time: It requires --rate."]],
    [{ header: ["nonsense"] }, ['--header: Expected "Name: value", got "nonsense".']],
    [{ keyFile: "nowhere" }, [/^--key-file: Cannot read nowhere: /]],
    [{ shape: "custom" }, [/^--shape: The script has no shape/]],
    [{ userClasses: "Robot" }, ['--user-classes: Expected "Visitor", got "Robot".']],
    [{ tags: "slow" }, ['--tags: Expected "model", got "slow".']],
  ])("%j is rejected", async (flags, problems) => {
    const error: unknown = await resolve(flags).catch((thrown: unknown) => thrown);
    if (!(error instanceof TepalError)) throw new Error("The flags were accepted");
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.problems.map(({ at, message }) => `${at}: ${message}`)).toEqual(
      problems.map((problem) =>
        typeof problem === "string" ? problem : expect.stringMatching(problem),
      ),
    );
  });
});
