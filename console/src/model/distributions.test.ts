import { expect, it } from "vitest";
import { readStability, toDistributions } from "./distributions.ts";

const sample = (feature: string, bin: string, value: number) => ({
  metric: { feature, bin },
  value: [0, String(value)] as const,
});

it("joins live counts and reference shares by bin, in the order of the bins", () => {
  const reference = [
    sample("a", "02 (1, 2]", 0.25),
    sample("a", "01 (-Inf, 1]", 0.75),
    sample("b", "01 x", 1),
  ];
  const [a, b] = toDistributions("feature", [sample("a", "02 (1, 2]", 100)], reference);
  expect(a).toMatchObject({
    name: "a",
    rows: 100,
    bins: [
      { label: "(-Inf, 1]", reference: 0.75, rows: 0 },
      { label: "(1, 2]", reference: 0.25, rows: 100 },
    ],
  });
  // (0.0001 − 0.75) · ln(0.0001 / 0.75) + (1 − 0.25) · ln(1 / 0.25)
  expect(a!.stability).toBeCloseTo(7.7308, 3);
  expect(b).toMatchObject({ name: "b", rows: 0, stability: null });
});

it("has no index for fewer than ten rows a bin, and 0 for equal shares", () => {
  const reference = [sample("a", "01", 0.5), sample("a", "02", 0.5)];
  const of = (rows: number) =>
    toDistributions("feature", [sample("a", "01", rows), sample("a", "02", rows)], reference)[0]!;
  expect([of(9).stability, of(10).stability]).toEqual([null, 0]);
  expect([0.09, 0.2, 0.25].map(readStability)).toEqual(["stable", "shifted a little", "shifted"]);
});
