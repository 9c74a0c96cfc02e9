import { describe, expect, it } from "vitest";
import { MUTATIONS, UNNOTICED_BY_PROMETHEUS } from "./mutations.ts";
import { findMisplaced, findUnnoticed } from "./try-mutations.ts";

describe("our own cases", () => {
  it("detect mutants that Prometheus's own do not; scripts/mutate-promql.ts runs many more", async () => {
    expect(await findUnnoticed(UNNOTICED_BY_PROMETHEUS)).toEqual([]);
    expect(MUTATIONS.length).toBeGreaterThan(80);
  });

  it("the mutants of the script can still be applied", async () => {
    expect(await findMisplaced(MUTATIONS)).toEqual([]);
  });
});
