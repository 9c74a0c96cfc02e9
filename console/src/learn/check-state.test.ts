import { expect, it } from "vitest";
import { isReady, NO_CHECK } from "./check-state.ts";
import type { Condition } from "./course/mechanics.ts";

it("is ready for a deed once the check of this step runs, also if it compares no numbers", () => {
  const progress = { step: "a/1", before: {} };
  const check = { id: "a/1", problem: undefined, checks: 1 };
  const opened: readonly Condition[] = [{ type: "opened", path: ["a"] }];
  const counted: readonly Condition[] = [{ type: "counted", metric: "m" }];
  expect(isReady("a/1", opened, progress, check)).toBe(true);
  expect(isReady("a/1", counted, { ...progress, before: { "m{}": 0 } }, check)).toBe(true);
  for (const [done, changedProgress, changedCheck] of [
    // Of the step before, whose observer does not see the deeds of this one.
    [opened, {}, { id: "a/2" }],
    [opened, {}, NO_CHECK],
    [opened, {}, { checks: 0 }],
    [opened, { step: "a/2" }, {}],
    [counted, {}, {}],
  ] as const) {
    const isAnyway = isReady(
      "a/1",
      done,
      { ...progress, ...changedProgress },
      { ...check, ...changedCheck },
    );
    expect([changedProgress, changedCheck, isAnyway]).toEqual([
      changedProgress,
      changedCheck,
      false,
    ]);
  }
});
