import { expect, it } from "vitest";
import { createImportances } from "./importances.ts";

it("weights each tree equally, and ignores trees without branches", () => {
  const importances = createImportances(2);
  importances.add({ gains: Float64Array.of(1, 3) });
  importances.add({ gains: Float64Array.of(30, 10) });
  importances.add({ gains: Float64Array.of(0, 0) });
  expect([...importances.shares()]).toEqual([0.5, 0.5]);
  importances.add({ gains: Float64Array.of(0, 1) });
  expect([...importances.shares()]).toEqual([1 / 3, 2 / 3]);
});
