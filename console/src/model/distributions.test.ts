import { expect, it } from "vitest";
import { toDistributions } from "./distributions.ts";

const sample = (feature: string, bin: string, value: number) => ({
  metric: { feature, bin },
  value: [0, String(value)] as const,
});

const FEW = { state: "few", effectiveRows: 40, minRows: 50 } as const;

it("joins live counts and reference shares by bin, in the order of the bins", () => {
  const reference = [
    sample("a", "02 (1, 2]", 0.25),
    sample("a", "01 (-Inf, 1]", 0.75),
    sample("b", "01 x", 1),
  ];
  const [a, b] = toDistributions("feature", [sample("a", "02 (1, 2]", 100)], reference, (name) =>
    name === "a" ? FEW : { state: "unknown" },
  );
  expect(a).toMatchObject({
    name: "a",
    rows: 100,
    drift: FEW,
    bins: [
      { label: "(-Inf, 1]", reference: 0.75, rows: 0 },
      { label: "(1, 2]", reference: 0.25, rows: 100 },
    ],
  });
  expect(b).toMatchObject({ name: "b", rows: 0, drift: { state: "unknown" } });
});
