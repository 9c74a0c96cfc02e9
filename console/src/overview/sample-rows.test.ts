import { describe, expect, it } from "vitest";
import { createSamples, parseFeatures, parseRows, SAMPLES } from "./sample-rows.ts";

const FEATURES = [
  { name: "length", min: 0, max: 10 },
  { name: "width", min: 5, max: 5 },
];

describe("sample rows", () => {
  it("are training rows, spread over those of the reply, and one outlier", () => {
    const reply = {
      kind: "training_rows",
      features: ["length", "width"],
      rows: Array.from({ length: 100 }, (_, i) => ({ values: [i, i % 7 === 0 ? null : 5] })),
    };
    const known = parseRows(reply);
    expect(known[7]).toEqual({ length: 7, width: null });
    const rows = createSamples(FEATURES, known, () => 0.5);
    expect(rows).toHaveLength(SAMPLES);
    expect(new Set(rows.map(({ length }) => length)).size).toBe(SAMPLES);
    expect(rows.slice(0, -1).every((row) => known.includes(row))).toBe(true);
    expect(rows.at(-1)).toMatchObject({ length: 110 });
  });

  it("come from the middle of the ranges if the server shows no training rows", () => {
    expect(parseRows({ kind: "class_means", features: ["a"], rows: [{ values: [1] }] })).toEqual(
      [],
    );
    const lowest = createSamples(FEATURES, [], () => 0);
    expect(lowest[0]).toEqual({ length: 2.5, width: 5 });
    const highest = createSamples(FEATURES, [], () => 0.999);
    expect(highest[0]!["length"]).toBeLessThan(7.5);
  });

  it("have known categories and truth values, and integers where the model takes only those", () => {
    const features = parseFeatures({
      features: [
        { name: "color", type: "category", categories: [{ value: "red" }, { value: "02" }] },
        { name: "paid", type: "boolean" },
        { name: "x", type: "number", min: 0, max: 1 },
        { name: "n", type: "integer", min: 0, max: 3 },
      ],
    });
    const rows = createSamples(features, [], () => 0.9);
    expect(rows[0]).toMatchObject({ color: "02", paid: true, n: 2 });
    expect(rows.at(-1)).toEqual({ color: "02", paid: true, x: 11, n: 2 });
  });

  it("read ranges from the manifest, which may lack them", () => {
    const manifest = {
      features: [
        { name: "a", min: -1, max: 1 },
        { name: "b", min: null, max: null },
      ],
    };
    expect(parseFeatures(manifest)).toEqual([
      { name: "a", min: -1, max: 1 },
      { name: "b", min: 0, max: 1 },
    ]);
  });
});
