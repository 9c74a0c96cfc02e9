import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { loadModel } from "../src/model/load-model.ts";
import { importModel } from "../src/training/import/import-model.ts";
import { trainModel } from "../src/training/train-model.ts";
import { ort } from "../test/support/onnxruntime.ts";
import { readTree } from "../test/support/process-tree.ts";
import { startServer, type Load } from "./http-load.ts";
import { formatSpread, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";
import { IRIS_ROW } from "./rows.ts";

const ROUNDS = 15;
const ROUND_MS = 200;
const STARTS = 5;

/** Predicts all rows of a size. */
type Side = (count: number) => Promise<unknown> | void;

/**
 * Compares the Iris forest in Tepal's executor, in onnxruntime in this process, and in a process of its own, as models with other operators
 * are served: microseconds per call in alternating rounds (median and quartiles), requests per second over HTTP, and the cost of the process.
 */
export async function run(): Promise<void> {
  const models = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await trainModel(toIrisRequest(models));
    const graph = join(models, "iris/1/model.onnx");
    const { model } = await importModel({ graph, models, name: "remote", engine: "onnxruntime" });
    await model.executor.close?.();
    await compareCalls(models, graph);
    await compareRequests(models);
    await measureStarts(join(models, "remote/1"));
  } finally {
    await rm(models, { recursive: true });
  }
}

async function compareCalls(models: string, graph: string): Promise<void> {
  const own = await loadModel(join(models, "iris/1"));
  const remote = await loadModel(join(models, "remote/1"));
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const;
  const session = await ort.InferenceSession.create(await readFile(graph), options);
  const rows = Float64Array.from({ length: 4_000 }, (_, i) => (i % 7) + 0.5);
  const floats = Float32Array.from(rows);
  const scores = new Float32Array(3_000);
  const labels = new Int32Array(1_000);
  const sides: Readonly<Record<string, Side>> = {
    "Tepal's executor": (count) => own.executor.run(rows, count, scores, labels),
    "onnxruntime in this process": (count) => {
      const tensor = new ort.Tensor("float32", floats.subarray(0, 4 * count), [count, 4]);
      return session.run({ [session.inputNames[0]!]: tensor });
    },
    "onnxruntime in a process of its own": (count) =>
      remote.executor.run(rows, count, scores, labels),
  };
  for (const count of [1, 1_000]) {
    const timed = Object.entries(sides).map(([name, side]): [string, () => Promise<number>] => [
      name,
      () => timeCalls(side, count),
    ]);
    const { measured } = await takeTurns(Object.fromEntries(timed), {
      rounds: ROUNDS,
      cost: Number,
    });
    for (const [name, list] of Object.entries(measured)) {
      console.log(`${count} rows, ${name}: ${formatSpread(list, 1)} µs per call`);
    }
  }
  await remote.executor.close?.();
  await session.release();
}

/** Returns the mean duration of a call in microseconds. */
async function timeCalls(side: Side, count: number): Promise<number> {
  const begun = performance.now();
  let calls = 0;
  while (performance.now() - begun < ROUND_MS) {
    for (let i = 0; i < 10; i++) await side(count);
    calls += 10;
  }
  return (1_000 * (performance.now() - begun)) / calls;
}

async function compareRequests(models: string): Promise<void> {
  for (const connections of [1, 32]) {
    const load = (name: string): Load => ({
      connections,
      path: `/models/${name}/predict`,
      body: JSON.stringify(IRIS_ROW),
    });
    await using own = await startServer(["tepal", models], load("iris"));
    await using remote = await startServer(["tepal", models], load("remote"));
    const { measured } = await takeTurns(
      { own: () => own.drive(ROUND_MS), remote: () => remote.drive(ROUND_MS) },
      { rounds: ROUNDS, cost: Number },
    );
    const ratio = formatSpread(toRatios(measured.remote, measured.own), 2);
    console.log(
      `${connections} connections: ${ratio} of the requests per second of Tepal's executor`,
    );
  }
}

async function measureStarts(directory: string): Promise<void> {
  const milliseconds: number[] = [];
  const megabytes: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const before = (await readTree(process.pid)).residentBytes;
    const begun = performance.now();
    const { executor } = await loadModel(directory);
    milliseconds.push(performance.now() - begun);
    megabytes.push(((await readTree(process.pid)).residentBytes - before) / 1e6);
    await executor.close?.();
  }
  console.log(
    `start of a process with its golden check: ${formatSpread(milliseconds)} ms, resident memory ${formatSpread(megabytes)} MB`,
  );
}
