import { describe, expect, it } from "vitest";
import { ApiError } from "../../lib/api.ts";
import { sortProblems, toFieldName } from "./problems.ts";

describe("where a problem belongs", () => {
  it.each([
    ["/host", "host"],
    ["/profile/users", "users"],
    ["profile.spawn_rate", "spawn_rate"],
    ["/profile/kind", "kind"],
    ["/profile", "kind"],
    ["/thresholds/0", "thresholds"],
    ["", ""],
  ])("%j is the field %j", (at, name) => {
    expect(toFieldName(at)).toBe(name);
  });

  it("is at its field, with others of the same, or with none", () => {
    const error = new ApiError("all of it", "error", 422, [
      { at: "/thresholds/0", message: "First." },
      { at: "/thresholds/2", message: "Third." },
      { at: "", message: "Nothing to change." },
    ]);
    expect(sortProblems(error)).toEqual({
      fields: { thresholds: "First. Third." },
      others: ["Nothing to change."],
    });
  });

  it("is shown as a whole if the reply names no field", () => {
    expect(sortProblems(new ApiError("A run is in progress.", "error", 409))).toEqual({
      fields: {},
      others: ["A run is in progress."],
    });
  });
});
