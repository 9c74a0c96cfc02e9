import { describe, expect, it } from "vitest";
import { COMMAND_ERRORS, REQUEST_ERRORS, TepalError } from "./errors.ts";
import { toProblemDetails } from "./problem-details.ts";

describe("TepalError", () => {
  it.each([
    ["INVALID_INPUT", 422, 1],
    ["INVALID_PLAN", 422, 2],
    ["CANCELLED", 503, 130],
    ["INTERNAL", 500, 70],
    ["INVALID_OPTION", 500, 2],
    ["INVALID_RULES", 500, 2],
    ["MODEL_DAMAGED", 500, 1],
  ] as const)("%s has status %d and exit code %d", (code, status, exitCode) => {
    expect(new TepalError(code, "x")).toMatchObject({ code, status, exitCode });
  });

  it("has the title of its request error", () => {
    expect(new TepalError("CONFLICT", "x").title).toBe(REQUEST_ERRORS.CONFLICT.title);
    expect(new TepalError("CANNOT_WRITE", "x").title).toBe(REQUEST_ERRORS.INTERNAL.title);
  });

  it("is an internal error to a client if only commands have it, without its details", () => {
    for (const code of Object.keys(COMMAND_ERRORS) as (keyof typeof COMMAND_ERRORS)[]) {
      const error = new TepalError(code, "secret", { problems: [{ at: "x", message: "secret" }] });
      const details = toProblemDetails(error, "7");
      if (code in REQUEST_ERRORS && code !== "INTERNAL") expect(details.code).toBe(code);
      else {
        expect(details).toEqual({
          type: "urn:tepal:problem:internal",
          title: "Internal server error",
          status: 500,
          detail: "See the server log for request ID 7.",
          code: "INTERNAL",
          id: "7",
        });
      }
    }
  });
});
