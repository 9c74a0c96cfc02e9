import { describe, expect, it } from "vitest";
import type { Feature } from "../model/manifest.ts";
import { readRow, sortProblems, toControl, toParameters, toRow, toTexts } from "./row.ts";

const feature = (name: string, changes: Partial<Feature> = {}): Feature => ({
  name,
  type: "number",
  unit: null,
  min: 4.3,
  max: 7.9,
  nullable: false,
  ...changes,
});
const FEATURES = [feature("a"), feature("b/c"), feature("d", { nullable: true })];

describe("a control", () => {
  it.each([
    [4.3, 7.9, { min: 4.3, max: 7.9, step: 0.01 }],
    [0, 1, { min: 0, max: 1, step: 0.005 }],
    [-3, 1_250, { min: -5, max: 1_250, step: 5 }],
    [0.0001, 0.00023, { min: 0.0001, max: 0.00023, step: 5e-7 }],
    [1e20, 3e20, { min: 1e20, max: 3e20, step: 1e18 }],
  ])("of %d to %d is a slider with round steps that covers the range", (min, max, slider) => {
    const control = toControl(feature("a", { min, max }));
    expect(control).toEqual({ kind: "slider", ...slider });
  });

  it("of an unknown or empty range is a number", () => {
    for (const range of [{ min: null }, { max: null }, { min: 2, max: 2 }]) {
      expect(toControl(feature("a", range))).toEqual({ kind: "number" });
    }
  });
});

describe("a row", () => {
  it("has numbers, null where a value may be missing, and no key for an empty field", () => {
    expect(toRow(FEATURES, { a: " 5.10 ", "b/c": "", d: "" })).toEqual({ a: 5.1, d: null });
    // The server has the message.
    expect(toRow(FEATURES, { a: "five", "b/c": "1e999" })).toEqual({
      a: "five",
      "b/c": "1e999",
      d: null,
    });
  });

  it("has strings, truth values and integers where the features are such", () => {
    const list = (...values: (string | number)[]) =>
      values.map((value) => ({ value, share: null }));
    const features = [
      feature("color", { type: "category", categories: list("red", "1", "") }),
      feature("level", { type: "category", categories: list(1, 2), nullable: true }),
      feature("paid", { type: "boolean" }),
      feature("seen", { type: "boolean", nullable: true }),
    ];
    expect(features.map((each) => toControl(each).kind)).toEqual([
      "choice",
      "choice",
      "check",
      "choice",
    ]);
    expect(toRow(features, { color: "1", level: "2", paid: "true", seen: "false" })).toEqual({
      color: "1",
      level: 2,
      paid: true,
      seen: false,
    });
    expect(toRow(features, {})).toEqual({ color: "", level: null, paid: false, seen: null });
    expect(toRow(features, { color: "green", level: "x", paid: "maybe" })).toMatchObject({
      color: "green",
      level: "x",
      paid: "maybe",
    });
    expect(toTexts({ paid: false, color: "" })).toEqual({ paid: "false", color: "" });
  });

  it("survives the URL", () => {
    const texts = { a: "5.1", "b/c": "-2", d: "" };
    const parameters = new URLSearchParams({ from: "now-1h" });
    for (const [name, [value = ""]] of Object.entries(toParameters(FEATURES, texts))) {
      parameters.set(name, value);
    }
    expect(readRow(new URLSearchParams(parameters.toString()), FEATURES)).toEqual(texts);
    expect(readRow(new URLSearchParams("from=now-1h&x.z=1"), FEATURES)).toBeUndefined();
    expect(toRow(FEATURES, toTexts({ a: 5.1, "b/c": 1e21, d: null }))).toEqual({
      a: 5.1,
      "b/c": 1e21,
      d: null,
    });
  });

  it("has its problems at the fields", () => {
    const problems = [
      { at: "/a", message: "Missing." },
      { at: "/b~1c", message: "Too large." },
      { at: "", message: "Unlike the training data." },
      { at: "/z", message: "Unknown." },
    ];
    expect(sortProblems(problems, FEATURES)).toEqual({
      fields: { a: "Missing.", "b/c": "Too large." },
      others: ["Unlike the training data.", "Unknown."],
    });
  });
});
