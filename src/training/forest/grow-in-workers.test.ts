import { expect, it } from "vitest";
import { growInWorkers } from "./grow-in-workers.ts";
import { resolveForestOptions } from "./options.ts";

it("rejects when a thread fails", async () => {
  const options = resolveForestOptions(
    { trees: 4, threads: 2 },
    { task: "regression", rows: 2, features: 1 },
  );
  // Columns that a valid caller never creates: no values for the ranks.
  const columns = { count: 2, ranks: [Uint16Array.of(0, 1)], values: [], isCategory: [] };
  const target = { task: "regression", values: Float64Array.of(0, 1) } as const;
  const growing = growInWorkers({ columns, target }, options, {}, () => {});
  await expect(growing).rejects.toMatchObject({
    code: "INTERNAL",
    message: "A training thread failed",
    cause: expect.objectContaining({ message: expect.not.stringContaining("exited") }),
  });
});
