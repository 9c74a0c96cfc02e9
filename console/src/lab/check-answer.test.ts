import { describe, expect, it } from "vitest";
import { readContent } from "../../lab/lab-plugin.ts";
import { checkAnswer, type Verdict } from "./check-answer.ts";
import { openRecording } from "./open-recording.ts";

const { recording, exercises } = readContent();
const { store } = openRecording(recording);
const { startMs, endMs } = recording;

function check(answer: string, expected: string): Verdict {
  return checkAnswer(store, { startMs, endMs, stepMs: 15_000 }, answer, expected);
}

const BY_STATUS = "sum by (status) (rate(api_requests_total[1m]))";

describe("the check of an answer", () => {
  it.each(exercises.map(({ title, expected }) => [title, expected] as const))(
    "accepts the expected query of: %s",
    (_title, expected) => {
      expect(check(expected, expected)).toEqual({ kind: "correct" });
    },
  );

  it.each([
    ["sum by (status) (increase(api_requests_total[60s]) / 60)"],
    ["sum without (job, instance, method, route) (rate(api_requests_total[1m]))"],
  ])("accepts another query with the same result: %s", (answer) => {
    expect(check(answer, BY_STATUS)).toEqual({ kind: "correct" });
  });

  it.each([
    ["sum by (status) (rate(api_requests_total[1m])", "error", "1:46: parse error"],
    ["api_requests_total[1m]", "error", "must be Scalar or instant Vector"],
    ["sum by (status) (rate(api_request_total[1m]))", "empty", "Check the name"],
    [
      "sum by (route) (rate(api_requests_total[1m]))",
      "labels",
      "label status, got the label route.",
    ],
    ["sum(rate(api_requests_total[1m]))", "labels", "got one series without labels."],
    [`${BY_STATUS} > 0`, "series", "is missing."],
    [
      `${BY_STATUS} or label_replace(vector(1), "status", "999", "", "")`,
      "series",
      '{status="999"} should not be there.',
    ],
    ["sum by (status) (rate(api_requests_total[2m]))", "times", "The series are right."],
    ["sum by (status) (increase(api_requests_total[1m]))", "values", "All are 60 times as large"],
    [`${BY_STATUS} + 1`, "values", "The series are right, their values are not."],
  ])("rejects %s: %s", (answer, kind, message) => {
    expect(check(answer, BY_STATUS)).toEqual({ kind, message: expect.stringContaining(message) });
  });
});

describe("the exercises", () => {
  it("have results that differ from each other, none of which is empty", () => {
    expect(exercises.length).toBeGreaterThanOrEqual(8);
    for (const { title, expected } of exercises) {
      expect([title, check(expected, "vector(0)").kind]).not.toEqual([title, "empty"]);
      const same = exercises.filter((each) => check(each.expected, expected).kind === "correct");
      expect(same.map((each) => each.title)).toEqual([title]);
    }
  });
});
