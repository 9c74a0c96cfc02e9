import { expect, it } from "vitest";
import { parseProgress } from "./parse-progress.ts";

it("reads stored progress, and ignores what another version wrote", () => {
  const progress = { tour: "first-steps", step: 2, done: ["predict"], before: { a: 1 } };
  expect(parseProgress(JSON.stringify(progress))).toEqual(progress);
  for (const text of [null, "", "{", "7", '{"tour":"first-steps"}', '{"tour":1,"step":0}']) {
    expect([text, parseProgress(text)]).toEqual([text, undefined]);
  }
});
