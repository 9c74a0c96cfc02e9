import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type * as OnnxRuntime from "onnxruntime-node";
import { createRandom } from "../src/kernel/random.ts";
import { createForestExecutor } from "../src/model/executor/forest-executor.ts";
import type { Executor } from "../src/model/model.ts";
import { decodeModel } from "../src/model/onnx/decode-model.ts";
import { compilePipeline } from "../src/model/pipeline/compile-pipeline.ts";
import { createPipelineExecutor } from "../src/model/pipeline/pipeline-executor.ts";
import type { CompiledPipeline } from "../src/model/pipeline/pipeline.ts";
import type { ForestOptions } from "../src/training/training.ts";
import { trainForest } from "../src/training/forest/train.ts";
import type { TrainingSet } from "../src/training/forest/training-set.ts";
import { LEAF, type TreeEnsemble } from "../src/model/tree-ensemble.ts";
import { parseTreeEnsemble } from "../src/model/onnx/read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "../src/model/onnx/write-tree-ensemble.ts";
import { parseCsv } from "../src/tabular/csv.ts";
import { readCpuMs } from "./cpu-time.ts";
import { formatSpread, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";
import { ort } from "../test/support/onnxruntime.ts";

const BATCH = 1_000;

/** Predicts rows of a parsed request, which are in row-major order. @returns the last label */
type Predict = (rows: Float64Array, count: number) => Promise<number>;

/**
 * Compares prediction by Tepal's executor and by onnxruntime on the same ONNX file, in one process and in alternating rounds:
 * single rows and batches of 1,000. Both start from the values of a parsed request and end with scores and labels in arrays.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: "string", default: "15" } },
  });
  const runs = Number(values.runs);
  console.log(`tepal: rows in a Float64Array, executor.run() into preallocated arrays
onnxruntime-node: one thread, Float32Array.from(rows), new Tensor, await session.run() with scores and labels
Microseconds of CPU per row in ${runs} alternating rounds, median (quartiles)\n`);

  await compare("Iris, 128 trees", loadIris(), { trees: 128 }, runs);
  const blobs = createClassification();
  await compare("4,000 × 30, 3 classes, 100 trees", blobs, { trees: 100, maxDepth: 10 }, runs);
  await compare("4,000 × 30, 3 classes, 500 trees", blobs, { trees: 500, maxDepth: 10 }, runs);
  await comparePipeline(
    "Titanic-like: imputer, scaler, one-hot, linear",
    "titanic-onehot-logistic",
    runs,
  );
  await comparePipeline("Imputer, scaler, linear", "imputer-scaler-logistic", runs);
}

/** Compares a pipeline of the tests' fixtures. Rows have small numbers; a category is a code here and a string for onnxruntime. */
async function comparePipeline(name: string, fixture: string, runs: number): Promise<void> {
  const path = new URL(`../test/fixtures/pipelines/${fixture}.onnx`, import.meta.url);
  const bytes = readFileSync(path);
  const pipeline = compilePipeline(decodeModel(bytes));
  console.log(`${name}: ${pipeline.steps.length} steps`);
  const { features } = pipeline;
  const batch = Float64Array.from({ length: BATCH * features }, (_, i) => i % 2);
  const rows = Array.from({ length: BATCH }, (_, i) =>
    batch.slice(i * features, (i + 1) * features),
  );
  const ours = toPredict(createPipelineExecutor(pipeline));
  await using theirs = await createTheirPipeline(bytes, pipeline);
  await comparePredictions(runs, ours, theirs.predict, rows, batch);
  console.log("");
}

async function createTheirPipeline(
  bytes: Uint8Array,
  { inputs, features }: CompiledPipeline,
): Promise<{ predict: Predict } & AsyncDisposable> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
  const predict: Predict = async (rows, count) => {
    const feeds: Record<string, OnnxRuntime.Tensor> = {};
    for (const { name, width, firstFeature, categories } of inputs) {
      const read = (i: number): number =>
        rows[Math.floor(i / width) * features + firstFeature + (i % width)]!;
      feeds[name] =
        categories === null
          ? new ort.Tensor(
              "float32",
              Float32Array.from({ length: count * width }, (_, i) => read(i)),
              [count, width],
            )
          : new ort.Tensor(
              "string",
              Array.from({ length: count * width }, (_, i) => categories[i % width]![read(i)]!),
              [count, width],
            );
    }
    const outputs = await session.run(feeds);
    return Number(outputs["label"]?.data[count - 1]);
  };
  return { predict, [Symbol.asyncDispose]: () => session.release() };
}

async function compare(
  name: string,
  data: TrainingSet,
  options: ForestOptions,
  runs: number,
): Promise<void> {
  const { ensemble } = await trainForest(data, options);
  const bytes = encodeTreeEnsemble(ensemble, { producerVersion: "0" });
  const leaves = ensemble.mode.reduce((count, mode) => count + (mode === LEAF ? 1 : 0), 0);
  const perTree = (leaves / ensemble.roots.length).toFixed(0);
  console.log(`${name}: ${perTree} leaves per tree, ${(bytes.length / 1e6).toFixed(1)} MB of ONNX`);

  const ours = createOurs(parseTreeEnsemble(bytes));
  await using theirs = await createTheirs(bytes, ensemble.features);
  const batch = toBatch(data);
  const rows = Array.from({ length: BATCH }, (_, i) =>
    batch.slice(i * data.rows.width, (i + 1) * data.rows.width),
  );
  await comparePredictions(runs, ours, theirs.predict, rows, batch);
  console.log("");
}

/** Runs both in turns, one row at a time and in batches, and prints microseconds per row. */
async function comparePredictions(
  runs: number,
  ours: Predict,
  theirs: Predict,
  rows: readonly Float64Array[],
  batch: Float64Array,
): Promise<void> {
  const works: Readonly<Record<string, (predict: Predict) => Promise<number>>> = {
    "one row": async (predict) => {
      for (const row of rows) await predict(row, 1);
      return rows.length;
    },
    [`${BATCH} rows`]: async (predict) => {
      for (let i = 0; i < 3; i++) await predict(batch, BATCH);
      return 3 * BATCH;
    },
  };
  for (const [name, work] of Object.entries(works)) {
    const { measured, warmUp, isStable } = await takeTurns(
      { tepal: () => timeWork(work, ours), onnxruntime: () => timeWork(work, theirs) },
      { rounds: runs, cost: Number },
    );
    const { tepal, onnxruntime } = measured;
    const cells = [tepal, onnxruntime].map((times) => formatSpread(times, 2).padEnd(22));
    const ratio = formatSpread(toRatios(onnxruntime, tepal), 1);
    console.log(
      `  ${name.padEnd(10)} tepal ${cells[0]} onnxruntime ${cells[1]} ratio ${ratio}${isStable ? "" : `; ${warmUp}`}`,
    );
  }
}

/**
 * Returns the microseconds of CPU per row, of all threads: the work of onnxruntime's thread counts, the wait for it does not. Other
 * programs change this less than wall time.
 */
async function timeWork(
  work: (predict: Predict) => Promise<number>,
  predict: Predict,
): Promise<number> {
  const start = readCpuMs();
  const rows = await work(predict);
  return (1_000 * (readCpuMs() - start)) / rows;
}

function createOurs(ensemble: TreeEnsemble): Predict {
  return toPredict(createForestExecutor(ensemble));
}

function toPredict(executor: Executor): Predict {
  const scores = new Float32Array(BATCH * executor.outputs);
  const labels = new Int32Array(BATCH);
  return async (rows, count) => {
    executor.run(rows, count, scores, labels);
    return labels[count - 1] ?? NaN;
  };
}

async function createTheirs(
  bytes: Uint8Array,
  features: number,
): Promise<{ predict: Predict } & AsyncDisposable> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
  });
  const predict: Predict = async (rows, count) => {
    const tensor = new ort.Tensor("float32", Float32Array.from(rows), [count, features]);
    const outputs = await session.run({ features: tensor });
    return Number(outputs["label"]?.data[count - 1]);
  };
  return { predict, [Symbol.asyncDispose]: () => session.release() };
}

/** Repeats the rows of the data to fill a batch. */
function toBatch({ rows }: TrainingSet): Float64Array {
  return Float64Array.from(
    { length: BATCH * rows.width },
    (_, i) => rows.values[i % rows.values.length] ?? NaN,
  );
}

function loadIris(): TrainingSet {
  const path = new URL("../examples/iris/iris.csv", import.meta.url);
  const { records } = parseCsv(readFileSync(path, "utf8"), "iris.csv");
  const names = records.map((cells) => cells[4] ?? "");
  const known = [...new Set(names)];
  return {
    rows: {
      values: Float64Array.from(records.flatMap((cells) => cells.slice(0, 4).map(Number))),
      count: records.length,
      width: 4,
    },
    target: {
      task: "classification",
      // Numbers, because onnxruntime creates strings slowly, which is not part of evaluating trees.
      classes: known.map((_, i) => i),
      labels: Int32Array.from(names, (name) => known.indexOf(name)),
    },
  };
}

/** Creates data with three classes that depend on four of 30 columns, with enough noise for deep trees. */
function createClassification(): TrainingSet {
  const random = createRandom(1);
  const count = 4_000;
  const width = 30;
  const values = Float64Array.from({ length: count * width }, () => Math.fround(random.normal()));
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = values.subarray(i * width, (i + 1) * width);
    const score = a + b * c + d * d - 1 + 0.5 * random.normal();
    return score < -0.7 ? 0 : score < 0.7 ? 1 : 2;
  });
  return {
    rows: { values, count, width },
    target: { task: "classification", classes: [0, 1, 2], labels },
  };
}
