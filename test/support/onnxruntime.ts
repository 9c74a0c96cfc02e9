import { createRequire } from "node:module";
import type * as OnnxRuntime from "onnxruntime-node";
import type { TreeEnsemble } from "../../src/model/tree-ensemble.ts";

/** The package onnxruntime-node. It is CommonJS, and Node cannot detect its names for an import. */
export const ort = createRequire(import.meta.url)("onnxruntime-node") as typeof OnnxRuntime;

/** The predictions of onnxruntime for a batch. */
interface OraclePrediction {
  readonly scores: Float32Array;
  /** Indexes into the classes of the ensemble; −1 for an unknown label. Empty for regression. */
  readonly labels: Int32Array;
}

export interface Oracle {
  predict(rows: Float64Array, count: number): Promise<OraclePrediction>;
  close(): Promise<void>;
}

/**
 * Creates a session of onnxruntime with one thread, whose predictions the executor must reproduce.
 *
 * @param bytes an ONNX file with the same predictions as `ensemble`, without ZipMap
 */
export async function createOracle(bytes: Uint8Array, ensemble: TreeEnsemble): Promise<Oracle> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 4,
  });
  const input = session.inputNames[0] ?? "";

  async function predict(rows: Float64Array, count: number): Promise<OraclePrediction> {
    const data = ensemble.inputType === "float" ? Float32Array.from(rows) : rows;
    const tensor = new ort.Tensor(
      ensemble.inputType === "float" ? "float32" : "float64",
      data.subarray(0, count * ensemble.features),
      [count, ensemble.features],
    );
    const outputs = await session.run({ [input]: tensor });
    const tensors = session.outputNames.map((name) => outputs[name] as OnnxRuntime.Tensor);
    const scores = tensors.find((each) => each.type === "float32")?.data;
    if (!(scores instanceof Float32Array)) throw new Error("Expected a float output.");
    if (ensemble.task === "regression") return { scores, labels: new Int32Array(0) };
    const labels = tensors.find((each) => each.type === "int64" || each.type === "string")?.data;
    const names: readonly (string | number)[] = ensemble.classes;
    return {
      scores,
      labels: Int32Array.from(Array.from(labels as ArrayLike<string | bigint>), (label) =>
        names.indexOf(typeof label === "bigint" ? Number(label) : label),
      ),
    };
  }

  return { predict, close: () => session.release() };
}
