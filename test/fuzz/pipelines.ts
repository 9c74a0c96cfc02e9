import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { TepalError } from "../../src/kernel/errors.ts";
import { decodeModel } from "../../src/model/onnx/decode-model.ts";
import type { OnnxModel } from "../../src/model/onnx/onnx.ts";
import { readEngineFile } from "../../src/model/engine/read-engine-graph.ts";
import { compilePipeline } from "../../src/model/pipeline/compile-pipeline.ts";
import { createPipelineExecutor } from "../../src/model/pipeline/pipeline-executor.ts";
import type { FuzzCount } from "./onnx.ts";

const FOLDER = new URL("../fixtures/pipelines/", import.meta.url);

/**
 * Compiles damaged and rewired graphs. Each must give a pipeline that runs, or a TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED.
 *
 * @param runs number of files of each kind
 * @throws Error of fast-check, with its seed, for the first file with another result
 */
export function fuzzPipelines(runs: number, seed = 1): FuzzCount {
  const count: FuzzCount = { accepted: 0, damaged: 0, unsupported: 0 };
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".onnx"))
    .map((name) => readFileSync(new URL(name, FOLDER)));
  const parameters = { numRuns: runs, seed };
  const file = fc.constantFrom(...files);
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const damaged = fc.tuple(file, edits).map(([bytes, changes]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return copy;
  });
  fc.assert(
    fc.property(damaged, (bytes) => compileAndRun(() => decodeModel(bytes), count)),
    parameters,
  );
  fc.assert(
    fc.property(damaged, (bytes) => readForEngine(bytes)),
    parameters,
  );
  const swaps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(file, swaps, (bytes, changes) =>
      compileAndRun(() => rewire(decodeModel(bytes), changes), count),
    ),
    parameters,
  );
  return count;
}

/** Replaces inputs of nodes by other values of the graph. */
function rewire(
  model: OnnxModel,
  changes: readonly (readonly [node: number, input: number, value: number])[],
): OnnxModel {
  const { graph } = model;
  const names = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ];
  const nodes = [...graph.nodes];
  for (const [at, input, value] of changes) {
    const place = at % nodes.length;
    const node = nodes[place]!;
    const name = names[value % names.length]!;
    nodes[place] = { ...node, inputs: node.inputs.with(input % node.inputs.length, name) };
  }
  return { ...model, graph: { ...graph, nodes } };
}

/** Reads a file as for onnxruntime, without running it. */
function readForEngine(bytes: Uint8Array): void {
  try {
    const file = readEngineFile(bytes);
    file.findClasses(3);
    decodeModel(file.bytes);
  } catch (thrown) {
    if (!(thrown instanceof TepalError)) throw thrown;
    if (thrown.code !== "MODEL_DAMAGED" && thrown.code !== "MODEL_UNSUPPORTED") throw thrown;
  }
}

function compileAndRun(read: () => OnnxModel, count: FuzzCount): void {
  try {
    const executor = createPipelineExecutor(compilePipeline(read()));
    count.accepted++;
    const { features, outputs } = executor;
    const rows = Float64Array.from({ length: 3 * features }, (_, i) => [0, NaN, 1e9, -1][i % 4]!);
    const labels = new Int32Array(3);
    executor.run(rows, 3, new Float32Array(3 * outputs), labels);
    const isValid = labels.every((label) => label >= 0 && label < Math.max(outputs, 1));
    if (!isValid) throw new Error(`Expected labels below ${outputs}, got ${labels.join(", ")}.`);
  } catch (thrown) {
    if (!(thrown instanceof TepalError)) throw thrown;
    if (thrown.code === "MODEL_DAMAGED") count.damaged++;
    else if (thrown.code === "MODEL_UNSUPPORTED") count.unsupported++;
    else throw thrown;
  }
}
