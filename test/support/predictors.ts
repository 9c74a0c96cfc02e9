import { join } from "node:path";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { Metrics } from "../../src/metrics/metrics.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModel } from "../../src/model/load-model.ts";
import type { ServingOptions } from "../../src/serving/options.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import type { RowStreamOptions } from "../../src/serving/row-groups.ts";
import { createRowStream } from "../../src/serving/row-stream.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import { createFolder } from "./folders.ts";
import { copyIris } from "./models.ts";

/** Creates a predictor without a server, with metrics of its own. */
export async function createTestPredictor(
  options: Partial<ServingOptions> = {},
  prepare: (models: string) => Promise<unknown> = copyIris,
  name = "iris",
): Promise<{ readonly predictor: Predictor; readonly metrics: Metrics }> {
  await using folder = await createFolder();
  await prepare(folder.path);
  const model = expectLocal(await loadModel(join(folder.path, name, "1")));
  const metrics = createMetrics({ process: false });
  const all = {
    maxBatchRows: 10_000,
    oodAlpha: 0.01,
    oodPolicy: "warn" as const,
    uncheckedPolicy: "flag" as const,
    categoryPolicy: "warn" as const,
    missingPolicy: "reject" as const,
    ...options,
  };
  return { predictor: createPredictor(model, all, metrics, systemClock), metrics };
}

/** Returns the output of a stream for an input that arrives in these chunks. */
export function streamRows(
  predictor: Predictor,
  chunks: Iterable<Buffer | string>,
  options: Partial<RowStreamOptions> = {},
): string {
  const stream = createRowStream(predictor, {
    input: "csv",
    output: "ndjson",
    onBadRow: "skip",
    ...options,
  });
  const output: Buffer[] = [];
  for (const chunk of chunks) output.push(stream.push(Buffer.from(chunk)));
  return Buffer.concat([...output, stream.end()]).toString();
}
