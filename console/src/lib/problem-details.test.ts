import { describe, expect, it } from "vitest";
import { parseProblemDetails } from "./problem-details.ts";

describe("problem details of the server", () => {
  it("become a message with each problem", () => {
    const details = {
      title: "The plan is invalid",
      detail: "two problems",
      errors: [
        { pointer: "/host", detail: "Expected a URL" },
        { pointer: "/profile/users", detail: "Expected an integer ≥ 1" },
      ],
    };
    expect(parseProblemDetails(422, JSON.stringify(details))).toMatchObject({
      message: "two problems",
      problems: [
        { at: "/host", message: "Expected a URL" },
        { at: "/profile/users", message: "Expected an integer ≥ 1" },
      ],
    });
  });

  it.each(["", "<html>", "null", "[1]", '{"detail":7}'])(
    "have a default message for %j",
    (text) => {
      expect(parseProblemDetails(502, text)).toMatchObject({
        message: "The server responded with status 502.",
        problems: [],
      });
    },
  );
});
