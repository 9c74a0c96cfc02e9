import { describe, expect, it } from "vitest";
import {
  toChanges,
  toReplacedValues,
  toStatuses,
  type Entries,
  type Version,
} from "./registry-entries.ts";

function ready(version: number, value = `value ${version}`): Version<string> {
  const status = { version, state: "READY", reason: null, loadedAtMs: 0 } as const;
  return { version, fingerprint: "f", status, value };
}

function failed(version: number): Version<string> {
  const status = { version, state: "FAILED", reason: "damaged", loadedAtMs: null } as const;
  return { version, fingerprint: "f", status, value: undefined };
}

function notLoaded(version: number): Version<string> {
  const status = { version, state: "NOT_LOADED", reason: "old", loadedAtMs: null } as const;
  return { version, fingerprint: "", status, value: undefined };
}

function toEntries(...versions: readonly Version<string>[]): Entries<string> {
  const serving = versions.findLast(({ value }) => value !== undefined);
  const byNumber = new Map(versions.map((version) => [version.version, version]));
  return new Map([["iris", { versions: byNumber, serving }]]);
}

describe("toChanges", () => {
  const one = ready(1);

  it("reports loaded and failed versions, but no unchanged one", () => {
    expect(toChanges(toEntries(one), toEntries(one, ready(2), failed(3)))).toEqual({
      loaded: [{ name: "iris", version: 2 }],
      failed: [{ name: "iris", version: 3, reason: "damaged" }],
      removed: [],
      unreadable: [],
    });
  });

  it("reports versions that are deleted, or no longer among the newest, as removed", () => {
    const removed = [{ name: "iris", version: 1 }];
    expect(toChanges(toEntries(one), new Map())).toMatchObject({ removed, failed: [] });
    const next = toEntries(notLoaded(1), ready(2));
    expect(toChanges(toEntries(one), next)).toMatchObject({ removed, failed: [] });
  });

  it("reports a version whose changed files were rejected as failed, not as removed", () => {
    const kept = { ...one, status: { ...one.status, reason: "damaged" } };
    expect(toChanges(toEntries(one), toEntries(kept))).toEqual({
      loaded: [],
      failed: [{ name: "iris", version: 1, reason: "damaged" }],
      removed: [],
      unreadable: [],
    });
  });
});

describe("toReplacedValues", () => {
  it("returns the values of removed and reloaded versions, but none that is still in use", () => {
    const [one, two, three] = [ready(1), ready(2), ready(3)];
    const kept = { ...one, fingerprint: "g" };
    const next = toEntries(kept, ready(2, "reloaded"));
    expect(toReplacedValues(toEntries(one, two, three), next)).toEqual(["value 2", "value 3"]);
  });
});

describe("toStatuses", () => {
  it("names the serving version and the default model", () => {
    const models = toEntries(ready(1), ready(2), failed(3));
    expect(toStatuses(models, "iris")).toMatchObject([{ serving: 2, isDefault: true }]);
    expect(toStatuses(toEntries(failed(3)), "wine")).toMatchObject([
      { serving: null, isDefault: false },
    ]);
  });
});
