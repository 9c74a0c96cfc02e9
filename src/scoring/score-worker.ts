import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../kernel/clock.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import { loadModelHere } from "../model/load-model.ts";
import { openPredictor } from "../serving/open-predictor.ts";
import { createRemoteRowStream } from "../serving/remote-row-stream.ts";
import { createRowStream } from "../serving/row-stream.ts";
import { createBuffer } from "./score-buffers.ts";
import type { ScoreJob, ScoreReply, ScoreTask } from "./scoring.ts";

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

  async function score({ bytes, line, spare }: ScoreTask): Promise<void> {
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
    const rest = await stream.end();
    const lines = join(first, rest, spare);
    const { counts, isStopped } = stream;
    const reply: ScoreReply = { result: { bytes: lines, counts, isStopped }, input: bytes.buffer };
    parentPort?.postMessage(reply, [lines.buffer, reply.input]);
  }

  let last = Promise.resolve();
  parentPort?.on("message", (task: ScoreTask) => {
    // One after the other. An error ends the thread, which `createScorePool` reports.
    last = last.then(() => score(task));
  });
}

/** Copies two parts into a buffer; into a larger one if they do not fit. */
function join(first: Buffer, rest: Buffer, spare: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const size = first.length + rest.length;
  const bytes = new Uint8Array(spare.byteLength < size ? createBuffer(size) : spare, 0, size);
  bytes.set(first);
  bytes.set(rest, first.length);
  return bytes;
}

const job: ScoreJob = workerData;
await scoreBlocks(job);
