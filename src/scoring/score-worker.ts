import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../kernel/clock.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import { loadModelHere } from "../model/load-model.ts";
import { openPredictor } from "../serving/open-predictor.ts";
import { createRemoteRowStream } from "../serving/remote-row-stream.ts";
import { createRowStream } from "../serving/row-stream.ts";
import type { Block, BlockResult, ScoreJob } from "./scoring.ts";

/** One thread of `createScorePool`: scores each block it receives and sends back the lines, in order. */
async function scoreBlocks({ request, form, header }: ScoreJob): Promise<void> {
  const { input, output, onBadRow, serving } = request;
  const model = await loadModelHere(request.model, request.engine);
  const predictor = await openPredictor(
    model,
    serving,
    createMetrics({ process: false }),
    systemClock,
    null,
  );

  async function score({ bytes, line }: Block): Promise<void> {
    const options = {
      input,
      // `scoreFile` writes the header of the output; blocks contain rows only.
      output,
      onBadRow,
      delimiter: form.delimiter,
      decimal: form.decimal,
      firstLine: line,
      omitHeader: true,
      ...(header !== undefined && { header }),
    };
    const stream =
      predictor.engine === "tepal"
        ? createRowStream(predictor, options)
        : createRemoteRowStream(predictor, options);
    const first = await stream.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    const text = first + (await stream.end());
    // `encode` allocates a buffer of its own, not a slice of a pool, so it can be transferred.
    const lines = new TextEncoder().encode(text);
    const { counts, isStopped } = stream;
    const result: BlockResult = { bytes: lines, counts, isStopped };
    parentPort?.postMessage(result, [lines.buffer]);
  }

  let last = Promise.resolve();
  parentPort?.on("message", (block: Block) => {
    // One after the other. An error ends the thread, which `createScorePool` reports.
    last = last.then(() => score(block));
  });
}

const job: ScoreJob = workerData;
await scoreBlocks(job);
