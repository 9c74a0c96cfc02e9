import { describe, expect, it } from "vitest";
import { toRequestError } from "./http.ts";

describe("what the server says of a refusal", () => {
  it("gives its sentence and each problem", () => {
    const details = {
      title: "The plan cannot be run",
      detail: "two things are wrong",
      errors: [
        { pointer: "/host", detail: "is no address" },
        { pointer: "/profile/users", detail: "is too small" },
      ],
    };
    expect(toRequestError(422, JSON.stringify(details))).toMatchObject({
      status: 422,
      message: "two things are wrong",
      problems: [
        { at: "/host", message: "is no address" },
        { at: "/profile/users", message: "is too small" },
      ],
    });
  });

  it.each(["", "<html>", "null", "[1]", '{"detail":7}'])(
    "does with %j what can be done",
    (text) => {
      expect(toRequestError(502, text)).toMatchObject({
        message: "The server answered 502.",
        problems: [],
      });
    },
  );
});
