import { createHash } from "node:crypto";
import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createMetrics } from "../metrics/create-metrics.ts";
import { FILES } from "../model/artifact.ts";
import { loadModelHere } from "../model/load-model.ts";
import { openPredictor } from "../serving/open-predictor.ts";
import { checkHeader } from "../serving/decode/csv-header.ts";
import type { RowCounts } from "../serving/row-lines.ts";
import { createRowWriter } from "../serving/encode/row-writer.ts";
import type { AnyPredictor } from "../serving/serving.ts";
import { cutBlocks, readHeader } from "./cut-blocks.ts";
import { detectForm } from "./detect-form.ts";
import { openInput, type Input } from "./open-input.ts";
import {
  createStreamOutput,
  openFileOutput,
  type RunIdentity,
  type ScoreOutput,
} from "./score-output.ts";
import { createScorePool } from "./score-pool.ts";
import type {
  Block,
  BlockResult,
  InputForm,
  ScoreHooks,
  ScorePosition,
  ScoreRequest,
  ScoreSummary,
} from "./scoring.ts";

/** Interval between checkpoints: the most work that a killed run loses. */
const CHECKPOINT_SECONDS = 0.5;
/** Blocks in flight for each thread: one being scored, one queued. */
const BLOCKS_PER_JOB = 2;
/** Size of the input's prefix whose digest identifies the input when a run resumes. */
const HEAD_BYTES = 64 * 1024;

/**
 * Predicts every row of a file and writes one line for each, in the order of the file. Memory use does not depend on the
 * size of the file.
 * @throws TepalError INVALID_DATA; INVALID_INPUT for the CSV header; MODEL_DAMAGED; CANNOT_WRITE; INVALID_OPTION if the
 *   checkpoint of an earlier run does not match; CANCELLED
 */
export async function scoreFile(
  request: ScoreRequest,
  hooks: ScoreHooks = {},
  clock: Clock = systemClock,
): Promise<ScoreSummary> {
  const { file, input } = request;
  const startedAt = clock.monotonicSeconds();
  const size = await findSize(file);
  const metrics = createMetrics({ process: false });
  const { model, predictor } = await nameModelIn(request.model, async () => {
    const loaded = await loadModelHere(request.model, request.engine);
    return {
      model: loaded,
      predictor: await openPredictor(loaded, request.serving, metrics, clock, null),
    };
  });
  // The scoring threads have engines of their own; this one was needed for the checks of loading.
  if (predictor.engine === "onnxruntime") await predictor.stop();
  const modelName = `${model.manifest.name} version ${model.manifest.version}`;
  for (const warning of predictor.startupWarnings) hooks.onWarning?.(`${modelName}: ${warning}`);

  const form = await detectForm(request, hooks.onNotice);
  const { delimiter, encoding } = form;
  let start: ScorePosition = { offset: 0, line: 1, written: 0, counts: noRows() };
  let header: readonly string[] | undefined;
  if (input === "csv") {
    const read = await readHeader(openInput(file, 0, encoding).chunks, delimiter);
    await nameModelIn(modelName, () =>
      checkHeader(model.manifest.features, read.header, delimiter),
    );
    header = read.header;
    warnAboutUnknownColumns(predictor, header, modelName, hooks);
    start = { ...start, offset: read.offset, line: read.line };
  }

  const output =
    request.out === null
      ? createStreamOutput(process.stdout)
      : await openFileOutput(request.out, await identify(request, form, size), request.restart);
  try {
    let position = output.resumed ?? start;
    const before = position.counts.rows;
    if (output.resumed === null) {
      const head = Buffer.from(createRowWriter(predictor, request.output).header);
      await output.write(head);
      position = { ...position, written: head.length };
    } else hooks.onNotice?.(`resuming after line ${position.line - 1}`);

    await using pool = createScorePool({ request, form, header });
    const source = openInput(file, position.offset, encoding);
    const { allocate } = pool;
    const blocks = cutBlocks(source.chunks, { input, delimiter, ...position, allocate });
    const limit = request.jobs * BLOCKS_PER_JOB;
    const scored = scoreInOrder(blocks, pool.score, limit);
    const checkpoints = createCheckpoints(output, clock);
    const context = { source, size, hooks, checkpoints, release: pool.release };
    position = await writeBlocks(scored, output, position, context);
    await checkpoints.settle();
    await output.finish();
    const seconds = clock.monotonicSeconds() - startedAt;
    const rows = position.counts.rows - before;
    return {
      model: modelName,
      isComplete: !output.isClosed,
      counts: position.counts,
      rows,
      seconds,
    };
  } catch (error) {
    await output.close().catch(() => {});
    throw error;
  }
}

/** Puts the name of the model before the message of an error: users may mean another one. */
async function nameModelIn<T>(name: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (!(cause instanceof TepalError)) throw cause;
    const { code, problems, message } = cause;
    throw new TepalError(code, `Model ${name}: ${message}`, { cause, problems });
  }
}

type Scored = BlockResult & Pick<Block, "end">;

/** Scores blocks in threads, at most `limit` ahead of the consumer, and yields the results in order. */
async function* scoreInOrder(
  blocks: AsyncIterable<Block>,
  score: (block: Block) => Promise<BlockResult>,
  limit: number,
): AsyncGenerator<Scored> {
  const queue: Promise<Scored>[] = [];
  for await (const block of blocks) {
    const { end } = block;
    const scored = score(block).then((result) => ({ ...result, end }));
    // It may reject while an earlier block is awaited.
    scored.catch(() => {});
    queue.push(scored);
    const first = queue.length > limit ? queue.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const scored of queue) yield await scored;
}

/** Checkpoints of a run. Flushing a file takes long, so scoring continues meanwhile. */
interface Checkpoints {
  /**
   * Begins a checkpoint at a position up to which lines are written, unless the last one is in progress or recent.
   * @throws TepalError CANNOT_WRITE if an earlier one has failed
   */
  offer(position: ScorePosition): void;
  /** Waits for the last checkpoint. @throws TepalError CANNOT_WRITE */
  settle(): Promise<void>;
}

function createCheckpoints(output: ScoreOutput, clock: Clock): Checkpoints {
  let begunAt = Number.NEGATIVE_INFINITY;
  let isInProgress = false;
  let failure: { readonly error: unknown } | undefined;
  let last = Promise.resolve();

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }
  return {
    offer(position) {
      throwFailure();
      const now = clock.monotonicSeconds();
      if (isInProgress || now - begunAt < CHECKPOINT_SECONDS) return;
      begunAt = now;
      isInProgress = true;
      last = output.checkpoint(position).then(
        () => void (isInProgress = false),
        (error: unknown) => void (failure = { error }),
      );
    },
    async settle() {
      await last;
      throwFailure();
    },
  };
}

interface WriteContext {
  readonly source: Input;
  readonly size: number;
  readonly hooks: ScoreHooks;
  readonly checkpoints: Checkpoints;
  /** Called with each result that is written. */
  release(result: BlockResult): void;
}

async function writeBlocks(
  results: AsyncIterable<Scored>,
  output: ScoreOutput,
  from: ScorePosition,
  { source, size, hooks, checkpoints, release }: WriteContext,
): Promise<ScorePosition> {
  let position = from;
  for await (const result of results) {
    const { bytes, counts, isStopped, end } = result;
    await output.write(bytes);
    const written = position.written + bytes.length;
    release(result);
    position = { ...end, written, counts: addCounts(position.counts, counts) };
    hooks.onProgress?.(size === 0 ? 1 : Math.min(1, source.bytesRead() / size));
    if (isStopped || output.isClosed) break;
    if (hooks.signal?.aborted === true) {
      await checkpoints.settle();
      await output.checkpoint(position);
      throw new TepalError("CANCELLED", "Cancelled", { cause: hooks.signal.reason });
    }
    checkpoints.offer(position);
  }
  return position;
}

function noRows(): RowCounts {
  return { rows: 0, bad: 0, outliers: 0, unchecked: 0 };
}

function addCounts(a: RowCounts, b: RowCounts): RowCounts {
  return {
    rows: a.rows + b.rows,
    bad: a.bad + b.bad,
    outliers: a.outliers + b.outliers,
    unchecked: a.unchecked + b.unchecked,
  };
}

function warnAboutUnknownColumns(
  { manifest }: AnyPredictor,
  header: readonly string[],
  modelName: string,
  { onWarning }: ScoreHooks,
): void {
  const known = new Set(manifest.features.map(({ name }) => name));
  const unknown = header.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const shown = unknown.slice(0, 8).join(", ").slice(0, 300);
  onWarning?.(`ignoring columns that are not features of ${modelName}: ${shown}`);
}

async function findSize(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new TepalError("INVALID_DATA", `Cannot read ${file}: ${toMessage(cause)}`, { cause });
  }
}

async function identify(
  request: ScoreRequest,
  form: InputForm,
  size: number,
): Promise<RunIdentity> {
  const { mtimeMs } = await stat(request.file);
  const handle = await open(request.file);
  const { buffer, bytesRead } = await handle
    .read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    .finally(() => handle.close());
  return {
    "input size": size,
    "input modification time": new Date(mtimeMs).toISOString(),
    "input digest": digest(buffer.subarray(0, bytesRead)),
    "model digest": digest(await readFile(join(request.model, FILES.manifest))),
    "--input-format": request.input,
    "--output-format": request.output,
    "--delimiter": form.delimiter,
    "--decimal": form.decimal,
    "--encoding": form.encoding,
    "--on-bad-row": request.onBadRow,
    "--ood-alpha": request.serving.oodAlpha,
    "--ood-policy": request.serving.oodPolicy,
    "--unchecked-policy": request.serving.uncheckedPolicy,
    "--category-policy": request.serving.categoryPolicy,
    "--missing-policy": request.serving.missingPolicy,
    "Tepal version": request.tool,
  };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
