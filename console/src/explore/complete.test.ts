import { describe, expect, it } from "vitest";
import { complete, findWord } from "./complete.ts";

describe("completion", () => {
  it.each([
    ["rate(api_re", { start: 5, text: "api_re" }],
    ["up + api", { start: 5, text: "api" }],
    ['up{job="a', undefined],
    ["up{jo", undefined],
    ['up{job="a"} + ap', { start: 14, text: "ap" }],
    ["rate(", undefined],
  ])("finds the name before the caret in %j", (expression, word) => {
    expect(findWord(expression, expression.length)).toEqual(word);
  });

  it("offers names that begin with the word first", () => {
    const names = ["model_api", "api_requests", "api", "up"];
    expect(complete(names, "api", 8)).toEqual(["api_requests", "model_api"]);
    expect(complete(names, "AP", 1)).toEqual(["api_requests"]);
  });
});
