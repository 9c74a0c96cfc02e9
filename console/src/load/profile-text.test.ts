import { describe, expect, it } from "vitest";
import type { ProfileDescription } from "../../../src/load/contract/load-document.ts";
import { describeForm } from "../../../src/load/contract/describe-form.ts";
import { formatProfile } from "./profile-text.ts";

const profiles: readonly ProfileDescription[] = describeForm().profiles;

describe("formatProfile", () => {
  it.each([
    [{ kind: "users", users: 1_500, spawn_rate: 2.5 }, "1,500 users, 2.50 started per second"],
    [
      { kind: "constant_rate", rate: 120, poisson: true, max_users: 500 },
      "120 iterations per second, at most 500 at a time, Poisson arrivals",
    ],
    [
      { kind: "stress", users: 100, spawn_rate: 10, stage_seconds: 90 },
      "Stress: 100 users, 1 min 30 s per stage",
    ],
    [{ kind: "custom" }, "Script's shape"],
  ] as const)("%j", (profile, text) => {
    expect(formatProfile(profile, profiles)).toBe(text);
  });

  it("falls back to the kind of an unknown profile", () => {
    expect(formatProfile({ kind: "custom" }, [])).toBe("custom");
  });
});
