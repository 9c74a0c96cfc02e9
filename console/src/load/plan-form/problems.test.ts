import { describe, expect, it } from "vitest";
import { RequestError } from "../../lib/http.ts";
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
    const error = new RequestError("all of it", 422, [
      { at: "/thresholds/0", message: "first" },
      { at: "/thresholds/2", message: "third" },
      { at: "", message: "nothing is to be changed" },
    ]);
    expect(sortProblems(error)).toEqual({
      fields: { thresholds: "first; third" },
      others: ["nothing is to be changed"],
    });
  });

  it("is said whole where the server names no field", () => {
    expect(sortProblems(new RequestError("A run goes on", 409))).toEqual({
      fields: {},
      others: ["A run goes on"],
    });
  });
});
