import { describe, expect, it } from "vitest";
import { MUTATIONS, UNNOTICED_BY_PROMETHEUS } from "./mutations.ts";
import { findMisplaced, findUnnoticed } from "./try-mutations.ts";

describe("our own cases", () => {
  it("notice wrong changes that Prometheus's own do not; scripts/mutate-promql.ts tries many more", async () => {
    expect(await findUnnoticed(UNNOTICED_BY_PROMETHEUS)).toEqual([]);
    expect(MUTATIONS.length).toBeGreaterThan(80);
  });

  it("the wrong changes that only the script tries can still be made", async () => {
    expect(await findMisplaced(MUTATIONS)).toEqual([]);
  });
});
