import { join } from "node:path";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { Metrics } from "../../src/metrics/metrics.ts";
import { loadModel } from "../../src/model/load-model.ts";
import type { ServingOptions } from "../../src/serving/options.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import { createRowStream, type RowStreamOptions } from "../../src/serving/row-stream.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import { createFolder } from "./folders.ts";
import { copyIris } from "./models.ts";

/** A model's predictor outside any server, with metrics of its own. */
export async function createTestPredictor(
  options: Partial<ServingOptions> = {},
  prepare: (models: string) => Promise<unknown> = copyIris,
  name = "iris",
): Promise<{ readonly predictor: Predictor; readonly metrics: Metrics }> {
  await using folder = await createFolder();
  await prepare(folder.path);
  const model = await loadModel(join(folder.path, name, "1"));
  const metrics = createMetrics({ process: false });
  const all = { maxBatchRows: 10_000, oodAlpha: 0.01, oodPolicy: "warn" as const, ...options };
  return { predictor: createPredictor(model, all, metrics, systemClock), metrics };
}

/** What a stream makes of an input that comes in these pieces. */
export function streamRows(
  predictor: Predictor,
  pieces: Iterable<Buffer | string>,
  options: Partial<RowStreamOptions> = {},
): string {
  const stream = createRowStream(predictor, {
    input: "csv",
    output: "ndjson",
    onBadRow: "skip",
    ...options,
  });
  let text = "";
  for (const piece of pieces) text += stream.push(Buffer.from(piece));
  return text + stream.end();
}
