import { expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModel } from "../../src/model/load-model.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { createFolder } from "../support/folders.ts";

/** Only `a` and `c` are missing, never `b`. */
const ROWS = Array.from({ length: 200 }, (_, i) => {
  const a = i % 3 === 0 ? "" : String(i % 17);
  const c = i % 5 === 0 ? "" : String((i * 7) % 31);
  return `${a},${i % 13},${c},${i % 2 === 0 ? "p" : "q"}`;
});

it("calibrates the patterns of the training data without a request, and no others", async () => {
  await using folder = await createFolder();
  const text = ["a,b,c,y", ...ROWS].join("\n");
  const { directory } = await trainModel({
    models: folder.path,
    name: "gaps",
    data: { name: "gaps.csv", text },
    target: "y",
    trees: 4,
  });
  const options = {
    maxBatchRows: 10,
    oodAlpha: 0.01,
    oodPolicy: "warn",
    uncheckedPolicy: "flag",
    categoryPolicy: "warn",
    missingPolicy: "warn",
  } as const;
  const model = expectLocal(await loadModel(directory));
  // Requests may calibrate nothing.
  const budget = { spend: () => false };
  const metrics = createMetrics({ process: false });
  const predictor = createPredictor(model, options, metrics, systemClock, budget);
  const check = (row: object): number => predictor.predictRow(row).pValues[0]!;
  const known = [{ b: 3, c: 9 }, { a: 5, b: 3 }, { b: 3 }];
  // The work begins with a later turn of the event loop.
  expect(known.map(check)).toEqual(known.map(() => Number.NaN));
  await expect.poll(() => known.map(check).every((p) => p > 0)).toBe(true);
  expect(check({ a: 5, c: 9 })).toBeNaN();
  expect(check({ a: 5, b: 3, c: 9 })).toBeGreaterThan(0);
  predictor.close();
});
