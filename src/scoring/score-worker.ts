import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../kernel/clock.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import { loadModelHere } from "../model/load-model.ts";
import { createPredictor } from "../serving/predictor.ts";
import { createRowStream } from "../serving/row-stream.ts";
import type { Block, BlockResult, ScoreJob } from "./scoring.ts";

/** One thread of `createScorePool`: scores each block it receives and sends back the lines, in order. */
async function scoreBlocks({ request, form, header }: ScoreJob): Promise<void> {
  const { input, output, onBadRow, serving } = request;
  const model = await loadModelHere(request.model);
  const predictor = createPredictor(
    model,
    serving,
    createMetrics({ process: false }),
    systemClock,
    null,
  );

  parentPort?.on("message", ({ bytes, line }: Block) => {
    const stream = createRowStream(predictor, {
      input,
      // `scoreFile` writes the header of the output; blocks contain rows only.
      output,
      onBadRow,
      delimiter: form.delimiter,
      decimal: form.decimal,
      firstLine: line,
      omitHeader: true,
      ...(header !== undefined && { header }),
    });
    const text =
      stream.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) + stream.end();
    // `encode` allocates a buffer of its own, not a slice of a pool, so it can be transferred.
    const lines = new TextEncoder().encode(text);
    const { counts, isStopped } = stream;
    const result: BlockResult = { bytes: lines, counts, isStopped };
    parentPort?.postMessage(result, [lines.buffer]);
  });
}

const job: ScoreJob = workerData;
await scoreBlocks(job);
