import { describe, expect, it } from "vitest";
import {
  beginStep,
  findCurrent,
  finishStep,
  NO_PROGRESS,
  parseProgress,
  resetPage,
  type Progress,
} from "./parse-progress.ts";

const STEPS = ["a/1", "a/2", "a/3"];
const PROGRESS: Progress = {
  opened: "a",
  last: "a",
  step: "a/2",
  before: { x: 1 },
  met: [0],
  isPointing: true,
  done: ["a/1", "b/1"],
  read: ["c"],
};

it("reads stored progress, and ignores what another version wrote", () => {
  expect(parseProgress(JSON.stringify(PROGRESS))).toEqual(PROGRESS);
  for (const text of [
    null,
    "",
    "{",
    "7",
    '{"step":"a"}',
    JSON.stringify({ ...PROGRESS, met: "" }),
  ]) {
    expect([text, parseProgress(text)]).toEqual([text, NO_PROGRESS]);
  }
});

describe("the current step", () => {
  it("is the one that began, else the first of its page that is not done", () => {
    expect(findCurrent(PROGRESS, STEPS)).toBe("a/2");
    expect(findCurrent({ ...PROGRESS, step: "b/1" }, STEPS)).toBe("a/2");
    expect(findCurrent({ ...PROGRESS, step: "a/3" }, STEPS)).toBe("a/3");
    expect(findCurrent({ step: null, done: STEPS }, STEPS)).toBeUndefined();
  });

  it("begins without what the one before has seen, and the next one when it is done", () => {
    const begun = { before: {}, met: [], isPointing: false };
    expect(beginStep(PROGRESS, "a/1")).toEqual({
      ...PROGRESS,
      ...begun,
      step: "a/1",
      done: ["b/1"],
    });
    const next = finishStep(PROGRESS, STEPS);
    expect(next).toEqual({ ...PROGRESS, ...begun, step: "a/3", done: ["a/1", "b/1", "a/2"] });
    // The page has no later step that is not done: an earlier one, or none.
    expect(finishStep(next, STEPS).step).toBeNull();
    expect(finishStep({ ...next, done: [] }, STEPS).step).toBe("a/1");
  });
});

it("forgets a page alone, and begins its first step", () => {
  expect(resetPage({ ...PROGRESS, read: ["a", "c"] }, "a", STEPS)).toEqual({
    ...PROGRESS,
    step: "a/1",
    before: {},
    met: [],
    isPointing: false,
    done: ["b/1"],
    read: ["c"],
  });
  expect(resetPage(PROGRESS, "c", [])).toMatchObject({ step: null, read: [] });
});
