import { describe, expect, it } from "vitest";
import { MUTATIONS, UNDETECTED_BY_PROMETHEUS } from "./mutations.ts";
import { findMisplaced, findUndetected } from "./try-mutations.ts";

describe("our own cases", () => {
  it("detect mutants that Prometheus's own do not; scripts/mutate-promql.ts runs many more", async () => {
    expect(await findUndetected(UNDETECTED_BY_PROMETHEUS)).toEqual([]);
    expect(MUTATIONS.length).toBeGreaterThan(80);
  });

  it("the mutants of the script can still be applied", async () => {
    expect(await findMisplaced(MUTATIONS)).toEqual([]);
  });
});
