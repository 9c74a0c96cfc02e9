import { createRequire } from "node:module";
import type * as OnnxRuntime from "onnxruntime-node";
import type { TreeEnsemble } from "../../src/model/tree-ensemble.ts";

/** onnxruntime-node, a CommonJS package whose names Node cannot see from an import. */
export const ort = createRequire(import.meta.url)("onnxruntime-node") as typeof OnnxRuntime;

/** What onnxruntime answers for a batch. */
interface OracleAnswer {
  readonly scores: Float32Array;
  /** Indexes into the ensemble's classes; −1 for a label that is none of them. Empty for regression. */
  readonly labels: Int32Array;
}

export interface Oracle {
  predict(rows: Float64Array, count: number): Promise<OracleAnswer>;
  close(): Promise<void>;
}

/**
 * onnxruntime with one thread, which our executor must agree with.
 *
 * @param bytes a model with the same answers as `ensemble`, without ZipMap
 */
export async function createOracle(bytes: Uint8Array, ensemble: TreeEnsemble): Promise<Oracle> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 4,
  });
  const input = session.inputNames[0] ?? "";

  async function predict(rows: Float64Array, count: number): Promise<OracleAnswer> {
    const data = ensemble.inputType === "float" ? Float32Array.from(rows) : rows;
    const tensor = new ort.Tensor(
      ensemble.inputType === "float" ? "float32" : "float64",
      data.subarray(0, count * ensemble.features),
      [count, ensemble.features],
    );
    const answer = await session.run({ [input]: tensor });
    const tensors = session.outputNames.map((name) => answer[name] as OnnxRuntime.Tensor);
    const scores = tensors.find((each) => each.type === "float32")?.data;
    if (!(scores instanceof Float32Array)) throw new Error("the model has no float output");
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
