import * as fc from "fast-check";
import { expect, test } from "vitest";
import { catchTepalError, toFeatures } from "../../test/guard/data.ts";
import type { GuardParameters } from "./guard.ts";
import { parseGuardParameters } from "./parse-parameters.ts";

const good: GuardParameters = {
  method: "knn",
  neighbours: 5,
  calibration_rows: 150,
  reference_rows: 150,
  training_rows: 160,
  bins: [
    { edges: [1, 2], ratios: [0.25, 0.5, 0.25], missing_ratio: 0.125 },
    { edges: [], ratios: [1], missing_ratio: 1 },
  ],
  class_ratios: [0.5, 0.5],
  row_matching: { features: [0, 1], ratio: 0.01 },
};

/** Returns the pointers of all problems that the message names too; empty when there are none. */
function findPointers(value: unknown, width = 2, classCount = 2): string[] {
  const error = catchTepalError(() => parseGuardParameters(value, toFeatures(width), classCount));
  const named = error?.problems.filter(({ at }) => error.message.includes(at)) ?? [];
  return error === null || error.code === "MODEL_DAMAGED"
    ? named.map(({ at }) => at)
    : [error.code];
}

test("returns valid parameters unchanged after a round trip through JSON", () => {
  expect(parseGuardParameters(JSON.parse(JSON.stringify(good)), toFeatures(2), 2)).toEqual(good);
  expect(findPointers({ ...good, class_ratios: [] }, 2, 0)).toEqual([]);
});

test("reports every problem with its pointer", () => {
  const bad = {
    ...good,
    method: "svm",
    neighbours: 0,
    calibration_rows: 1.5,
    reference_rows: -1,
    bins: [
      { edges: [2, 2, 1], ratios: [0.5, 0.4], missing_ratio: 0 },
      { edges: ["1", Number.POSITIVE_INFINITY], ratios: [2], missing_ratio: 0 },
      "none",
    ],
    class_ratios: [0.5],
  };
  expect(findPointers(bad)).toEqual([
    "/guard/method",
    "/guard/neighbours",
    "/guard/calibration_rows",
    "/guard/reference_rows",
    "/guard/bins",
    "/guard/bins/0/edges/1",
    "/guard/bins/0/ratios",
    "/guard/bins/0/ratios",
    "/guard/bins/1/edges/0",
    "/guard/bins/1/edges/1",
    "/guard/bins/1/ratios/0",
    "/guard/bins/2",
    "/guard/class_ratios",
    "/guard/class_ratios",
  ]);
});

test("rejects infinite edges, which JSON can express", () => {
  const text = JSON.stringify(good).replace("[1,2]", "[1,1e999]");
  expect(findPointers(JSON.parse(text))).toEqual(["/guard/bins/0/edges/1"]);
});

test("rejects an invalid share of missing values", () => {
  const [first, second] = good.bins;
  for (const missing_ratio of [-0.1, 1.1, Number.NaN, null, "0"]) {
    const bins = [{ ...first, missing_ratio }, second];
    expect(findPointers({ ...good, bins })).toEqual(["/guard/bins/0/missing_ratio"]);
  }
  expect(findPointers({ ...good, bins: [first, { edges: [], ratios: [1] }] })).toEqual([
    "/guard/bins/1/missing_ratio",
  ]);
});

test("rejects more neighbours than reference rows, and more than 64 bins", () => {
  expect(findPointers({ ...good, neighbours: 151 })).toEqual(["/guard/neighbours"]);
  const edges = Array.from({ length: 64 }, (_, i) => i);
  const many = { edges, ratios: [1, ...edges.map(() => 0)], missing_ratio: 0 };
  expect(findPointers({ ...good, bins: [many, good.bins[1]] })).toEqual([
    "/guard/bins/0/edges",
    "/guard/bins/0/ratios",
  ]);
});

test("rejects any other value with MODEL_DAMAGED", () => {
  const section = fc.record(
    {
      method: fc.oneof(fc.constant("knn"), fc.jsonValue()),
      neighbours: fc.oneof(fc.constant(1), fc.jsonValue()),
      calibration_rows: fc.oneof(fc.constant(1), fc.jsonValue()),
      reference_rows: fc.oneof(fc.constant(1), fc.jsonValue()),
      bins: fc.oneof(fc.constant(good.bins), fc.array(fc.jsonValue())),
      class_ratios: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), section), (value) => {
      expect(findPointers(value)).not.toEqual([]);
    }),
  );
});
